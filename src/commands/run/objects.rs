//! The rendered objects of a flow.

use std::path::Path;

use crate::error::{Error, Result, io_reason};
use crate::kustomize::Object;
use crate::names::{ContextName, FlowName};
use crate::project::Project;

/// The objects of `flow` as `context` gets them; without a context, what all contexts share.
/// Errors say what is missing and which command makes it.
pub(super) fn rendered(project: &Project, flow: &FlowName, context: Option<&ContextName>) -> Result<Vec<Object>> {
    let paths = project.paths(flow);
    if !paths.base.is_dir() {
        return Err(Error::project(format!("flow `{flow}` is not compiled"))
            .because(format!("there is no `{}`", project.relative(&paths.base).display()))
            .hint(format!("compile it: `asya compile {flow}`")));
    }
    let directory = match context {
        // The embedded mesh needs no overlay of its own.
        Some(context) if context.as_str() != crate::project::LOCAL || paths.overlay(context).is_dir() => {
            paths.overlay(context)
        }
        _ if paths.common.is_dir() => paths.common,
        _ => paths.base,
    };
    if !directory.is_dir() {
        return Err(Error::project(format!("there is no overlay `{}`", project.relative(&directory).display()))
            .hint(format!("`asya compile {flow}` makes one for every context of the configuration")));
    }
    let mut objects = Vec::new();
    collect(&directory, &mut objects)?;
    Ok(objects)
}

#[derive(serde::Deserialize)]
struct Kustomization {
    #[serde(default)]
    resources: Vec<String>,
}

fn collect(directory: &Path, objects: &mut Vec<Object>) -> Result<()> {
    let failed = |path: &Path, reason: String| {
        Error::project(format!("`{}` cannot be rendered", path.display())).because(reason)
    };
    let file = directory.join("kustomization.yaml");
    let text = std::fs::read_to_string(&file).map_err(|error| failed(&file, io_reason(&error)))?;
    let kustomization: Kustomization =
        serde_saphyr::from_str(&text).map_err(|error| failed(&file, error.to_string()))?;
    for resource in kustomization.resources {
        let path = directory.join(resource);
        if path.is_dir() {
            collect(&path, objects)?;
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, io_reason(&error)))?;
        let documents: Vec<serde_json::Value> =
            serde_saphyr::from_multiple(&text).map_err(|error| failed(&path, error.to_string()))?;
        for document in documents {
            objects.push(Object::new(document).map_err(|reason| failed(&path, reason))?);
        }
    }
    Ok(())
}
