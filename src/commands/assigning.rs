//! Setting values in the project's configuration files.

use crate::error::{Error, Result};
use crate::event::Event;
use crate::project::{Assigned, Assignment, assign, discover};
use crate::settings::Settings;
use crate::store::{FileChange, Lock, Plan};
use crate::ui::Ui;

/// Sets all of `assignments` or none. Reads under the lock that it writes under, so that of several
/// writers at once no one's value is lost.
pub(super) fn write(
    assignments: &[Assignment],
    settings: &Settings,
    ui: &mut Ui,
) -> Result<(Assigned, Vec<FileChange>)> {
    let root = discover(&settings.start)?.layers.pop();
    let lock = match &root {
        Some(root) => Lock::wait(root)?,
        // Without a project reading says so.
        None => Lock::wait(&settings.start)?,
    };
    let assigned = settings.with_inputs(|inputs| assign(&settings.start, inputs, assignments))?;
    if root.as_ref() != Some(&assigned.root) {
        return Err(Error::project("the project was moved while it was read").hint("try again"));
    }
    let mut plan = Plan::new(&assigned.root);
    for (path, text) in &assigned.files {
        plan.write(path, text.clone());
    }
    let changes = plan.commit_under(&lock)?;
    for file in &changes {
        ui.event(Event::File { path: file.path.clone(), change: file.change });
    }
    Ok((assigned, changes))
}
