//! What is to be built: the project's own entries, each image once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::super::exposed::kustomization;
use super::words::words;
use crate::artifacts::ImageReference;
use crate::error::{Error, Result};
use crate::kustomize::render;
use crate::names::{FlowName, listed};
use crate::project::{DiskTree, Project};

/// One run of a program.
#[derive(Debug)]
pub(super) struct Step {
    /// The images it builds, as they are named in manifests.
    pub(super) images: Vec<String>,
    pub(super) directory: PathBuf,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// `build[].command`.
    Command(Vec<String>),
    /// `skaffold build` of this file.
    Skaffold(PathBuf),
}

impl Step {
    /// The program that is run.
    pub(super) fn program(&self) -> &str {
        match &self.kind {
            Kind::Command(words) => words.first().map_or("", String::as_str),
            Kind::Skaffold(_) => "skaffold",
        }
    }
}

/// The steps for `flow`, or for all images that the project builds.
pub(super) fn steps(project: &Project, flow: Option<&FlowName>) -> Result<Vec<Step>> {
    let flows = match flow {
        Some(flow) => vec![project.flow(flow)?.name],
        None => project.flow_names()?,
    };
    let mut used: BTreeSet<(String, String)> = BTreeSet::new();
    for one in &flows {
        used.extend(images(project, one, flow.is_some())?);
    }
    let is_used = |image: &str| used.iter().any(|(_, other)| name(other) == name(image));
    let mut steps = Vec::new();
    let mut planned: BTreeSet<String> = BTreeSet::new();
    for entry in project.build_commands()? {
        let Some(command) = &entry.command else { continue };
        let images: Vec<String> = if entry.image.contains('*') {
            // The tag may be another one than when the flow was compiled.
            let of = |(actor, image): &(String, String)| {
                let built = entry.image.replace('*', actor);
                (name(&built) == name(image)).then_some(built)
            };
            used.iter().filter_map(of).collect()
        } else {
            let is_wanted = flow.is_none() || is_used(&entry.image);
            is_wanted.then(|| entry.image.clone()).into_iter().collect()
        };
        let directory = entry.path.clone().unwrap_or_else(|| project.root().to_owned());
        if !directory.is_dir() {
            return Err(Error::project(format!("`{}` cannot be built", entry.image))
                .because(format!("there is no directory `{}`", project.relative(&directory).display()))
                .hint("correct `path` of its entry under `build:`"));
        }
        for image in images {
            let kind = Kind::Command(words(command, &image)?);
            if planned.insert(name(&image)) {
                steps.push(Step { images: vec![image], directory: directory.clone(), kind });
            }
        }
    }
    let mut by_file: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for artifact in project.skaffold_artifacts()? {
        if (flow.is_none() || is_used(&artifact.image)) && planned.insert(name(&artifact.image)) {
            by_file.entry(artifact.file.clone()).or_default().push(artifact.image.clone());
        }
    }
    steps.extend(by_file.into_iter().map(|(file, images)| Step {
        images,
        directory: file.parent().unwrap_or(project.root()).to_owned(),
        kind: Kind::Skaffold(file),
    }));
    match (steps.is_empty(), flow) {
        (false, _) => Ok(steps),
        (true, Some(flow)) => {
            let images: Vec<&str> =
                used.iter().map(|(_, image)| image.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
            Err(nothing(&format!("nothing builds an image of `{flow}`"))
                .because(format!("its images are {}", listed(&images))))
        }
        (true, None) => Err(nothing("the project builds no images")),
    }
}

fn nothing(message: &str) -> Error {
    Error::project(message)
        .because("no `skaffold.yaml` has them, and no entry of `build:` has a `command` for them")
        .hint("add to an entry of `build:` in `.asya/config.yaml`:\n  command: docker build -t <image> .\n  path: <directory>")
}

/// Actors and images of a compiled flow; one that is not compiled is an error if it is `needed`.
fn images(project: &Project, flow: &FlowName, needed: bool) -> Result<Vec<(String, String)>> {
    let base = project.paths(flow).base;
    if kustomization(&base).is_none() {
        return match needed {
            true => Err(Error::project(format!("`{flow}` is not compiled"))
                .because("its manifests say which images it needs")
                .hint(format!("type `asya compile {flow}`"))),
            false => Ok(Vec::new()),
        };
    }
    let rendering = render(&DiskTree::new(project.root()), &project.relative(&base)).map_err(Error::from)?;
    let image = |object: &crate::kustomize::Object| {
        let image = object.value().pointer("/spec/image")?.as_str()?;
        (object.kind() == "AsyncActor").then(|| (object.name().to_owned(), image.to_owned()))
    };
    Ok(rendering.objects.iter().filter_map(image).collect())
}

/// An image without tag and digest.
pub(super) fn name(image: &str) -> String {
    image.parse::<ImageReference>().map_or_else(|_| image.to_owned(), |reference| reference.name)
}
