//! Directories of a flow rendered as they would be with changes that are not written yet.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::external_kustomize;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::kustomize::{Object, RenderError, render};
use crate::names::FlowName;
use crate::project::{DiskTree, Project};
use crate::settings::Settings;
use crate::store::{Lock, View};
use crate::ui::Ui;

/// Renders what is not written yet: with the built-in renderer, and where that does not know a field,
/// with `kustomize` or `kubectl` in a copy of the flow's manifests.
#[derive(Clone)]
pub(super) struct Preview<'p> {
    project: &'p Project,
    manifests: PathBuf,
    /// Directories to look for programs in.
    programs: Vec<PathBuf>,
    lock: Option<Rc<Lock>>,
    /// What was handed to a program, in words.
    handed: Rc<RefCell<Option<String>>>,
}

impl<'p> Preview<'p> {
    /// For a flow, under the lock that the changes will be written under.
    pub(super) fn new(project: &'p Project, flow: &FlowName, settings: &Settings, lock: Rc<Lock>) -> Self {
        let manifests = project.paths(flow).manifests;
        let programs = settings.environment.path();
        Self { project, manifests, programs, lock: Some(lock), handed: Rc::default() }
    }

    /// For who changes nothing.
    pub(super) fn of_disk(project: &'p Project, flow: &FlowName, settings: &Settings) -> Self {
        Self { programs: settings.environment.path(), ..Self::built_in(project, flow) }
    }

    /// With the built-in renderer alone.
    pub(super) fn built_in(project: &'p Project, flow: &FlowName) -> Self {
        let manifests = project.paths(flow).manifests;
        Self { project, manifests, programs: Vec::new(), lock: None, handed: Rc::default() }
    }

    /// The objects that a directory of the flow renders to, seen through `tree`. A field that is not
    /// built in, and that no program can be asked for, is an error that says what to install.
    pub(super) fn objects(&self, tree: &DiskTree, directory: &Path) -> Result<Vec<Object>> {
        let shown = self.project.relative(directory);
        let unsupported = match render(tree, &shown) {
            Ok(rendering) => return Ok(rendering.objects),
            Err(RenderError::Invalid(error)) => return Err(error),
            Err(unsupported) => unsupported,
        };
        let RenderError::Unsupported { file, field, located } = unsupported else {
            return Err(unsupported.into());
        };
        let by_hand = "write it by hand: docs/patching.md and docs/images.md say what goes where";
        let missing = || {
            Error::project(format!("`{field}` in `{file}` needs the program `kustomize` or `kubectl`"))
                .because("it is not built in, and a change is rendered before it is written")
                .hint("install one of them on PATH")
                .hint(by_hand)
                .at((*located).clone())
        };
        if !external_kustomize::is_there(&self.programs) {
            return Err(missing());
        }
        let (place, view) = self.view(tree, directory)?.ok_or_else(missing)?;
        let outcome = external_kustomize::render(&place, &self.programs).ok_or_else(missing)?;
        let (program, rendering) = outcome.map_err(|error| {
            let Some(view) = &view else { return error };
            let (copy, original) = (view.path().display().to_string(), self.manifests.display().to_string());
            let causes = error.causes().iter().map(|cause| cause.replace(&copy, &original));
            let error = Error::project(format!("`{}` cannot be rendered with this change", shown.display()));
            causes.fold(error, Error::because).hint(by_hand)
        })?;
        *self.handed.borrow_mut() = Some(format!("rendered by `{program}`: `{field}` in `{file}` is not built in"));
        Ok(rendering.objects)
    }

    /// Where a directory can be read as it would be; nothing is copied where that is as it is. `None`
    /// where it would have to be copied and nobody holds the lock.
    fn view(&self, tree: &DiskTree, directory: &Path) -> Result<Option<(PathBuf, Option<View>)>> {
        if tree.changes().next().is_none() {
            return Ok(Some((directory.to_owned(), None)));
        }
        let Some(lock) = &self.lock else { return Ok(None) };
        let view = View::of(&self.manifests, tree.changes(), lock)?;
        let inside = directory.strip_prefix(&self.manifests).unwrap_or(Path::new(""));
        Ok(Some((view.path().join(inside), Some(view))))
    }

    /// Says which program rendered, if one did.
    pub(super) fn tell(&self, ui: &mut Ui) {
        if let Some(handed) = self.handed.borrow_mut().take() {
            ui.event(Event::Note(handed));
        }
    }
}
