//! Which images are wanted, from `--set` and from the file of a build.

use std::path::Path;

use serde::Deserialize;

use crate::artifacts::ImageReference;
use crate::error::{Error, Result};
use crate::project::read_source;

/// An image and what is to run in its place.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The name as manifests have it, without tag and digest.
    pub(super) name: String,
    pub(super) reference: ImageReference,
}

/// What Skaffold writes with `--file-output`, and `asya build`.
#[derive(Deserialize)]
struct BuildOutput {
    builds: Vec<Build>,
}

#[derive(Deserialize)]
struct Build {
    #[serde(rename = "imageName")]
    image_name: String,
    tag: String,
}

/// Reads `NAME=REFERENCE`; the error is a sentence.
pub(super) fn assignment(text: &str) -> Result<Wanted, String> {
    let Some((name, reference)) = text.split_once('=') else {
        return Err("it is not NAME=REFERENCE, like `words=reg.example/words:1.4`".to_owned());
    };
    wanted(name, reference)
}

fn wanted(name: &str, reference: &str) -> Result<Wanted, String> {
    let named: ImageReference = name.parse()?;
    if named.has_version() {
        return Err(format!("`{name}` is to be the name alone: `{}`, without tag and digest", named.name));
    }
    Ok(Wanted { name: named.name, reference: reference.parse()? })
}

/// Reads the file of a build; the last of several entries of one image counts.
pub(super) fn from_file(path: &Path, shown: &str) -> Result<Vec<Wanted>> {
    let source = read_source(path, shown)?;
    let broken = |why: String| {
        Error::project(format!("`{shown}` is not the output of a build"))
            .because(why)
            .hint("write it with `asya build`, or with `skaffold build --file-output FILE`")
    };
    let output: BuildOutput = serde_json::from_str(source.text()).map_err(|error| broken(error.to_string()))?;
    let mut all: Vec<Wanted> = Vec::new();
    for build in output.builds {
        let new = wanted(&name_alone(&build.image_name), &build.tag).map_err(broken)?;
        all.retain(|known| known.name != new.name);
        all.push(new);
    }
    Ok(all)
}

/// Entries may name an image with the tag it has in manifests.
fn name_alone(image: &str) -> String {
    super::layered::name_of(image)
}
