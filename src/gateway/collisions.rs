//! What would go wrong in the gateway if an entry were added to what it mounts: the kubelet lets
//! the later of two equal files win, the gateway lets the later of two equal flows win, and one
//! file it cannot read blocks all. Nobody would be told.

use super::loader::{Format, is_flow_file, load};
use super::mount::Mounted;

/// What stands in the way, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// What is the matter.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: String,
}

/// Obstacles to mounting the files `own` beside the files `others`.
pub(super) fn obstacles(format: Format, own: &[Mounted], others: &[Mounted]) -> Vec<Obstacle> {
    let mut found = Vec::new();
    let mut known: Vec<(String, &Mounted)> = Vec::new();
    for other in others.iter().filter(|other| is_flow_file(&other.file)) {
        match load(format, &other.text) {
            Ok(flows) => known.extend(flows.into_iter().map(|flow| (flow.name, other))),
            Err(reason) => found.push(Obstacle {
                message: format!(
                    "the gateway refuses `{}` of ConfigMap `{}`, and with it every {}: {reason}",
                    other.file,
                    other.config_map,
                    format.noun()
                ),
                hint: format!("have ConfigMap `{}` repaired or taken out of the gateway first", other.config_map),
            }),
        }
    }
    for mine in own {
        if let Some(other) = others.iter().find(|other| other.file == mine.file) {
            found.push(Obstacle {
                message: format!(
                    "the file `{}` of `{}` is also in ConfigMap `{}`; the gateway would see only one",
                    mine.file, mine.config_map, other.config_map
                ),
                hint: "give the flow another name".to_owned(),
            });
        }
        let flows = match load(format, &mine.text) {
            Ok(flows) => flows,
            Err(reason) => {
                found.push(Obstacle {
                    message: format!("the gateway would refuse `{}` of `{}`: {reason}", mine.file, mine.config_map),
                    hint: "correct the entry, or write it again with `asya expose`".to_owned(),
                });
                continue;
            }
        };
        for flow in flows {
            if let Some((name, other)) = known.iter().find(|(name, _)| *name == flow.name) {
                found.push(Obstacle {
                    message: format!(
                        "ConfigMap `{}` (`{}`) already describes {} `{name}`",
                        other.config_map,
                        other.file,
                        if format == Format::Agents {
                            "an agent"
                        } else if format == Format::Tools {
                            "a tool"
                        } else {
                            "a flow"
                        }
                    ),
                    hint: "give one of them another name, or have the other one taken away".to_owned(),
                });
            }
            known.push((flow.name, mine));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(config_map: &str, file: &str, text: &str) -> Mounted {
        Mounted { config_map: config_map.to_owned(), file: file.to_owned(), text: text.to_owned(), registered: false }
    }

    fn entry(name: &str) -> String {
        format!("flows: [{{name: {name}, entrypoint: start-{name}, mcp: {{}}}}]")
    }

    #[test]
    fn equal_names_equal_files_and_unreadable_files_stand_in_the_way() {
        let own = [file("mine", "a.yaml", &entry("a"))];
        assert_eq!(
            obstacles(Format::Flows, &own, &[file("theirs", "b.yaml", &entry("b")), file("x", "notes.txt", "[")]),
            []
        );
        for (other, said) in [
            (file("theirs", "b.yaml", &entry("a")), "already describes a flow `a`"),
            (file("theirs", "a.yaml", &entry("b")), "is also in ConfigMap `theirs`"),
            (file("theirs", "b.yaml", "flows: [{name: b}]"), "entrypoint is required"),
        ] {
            let found = obstacles(Format::Flows, &own, &[other]);
            assert!(found.len() == 1 && found[0].message.contains(said), "{found:?}");
        }
    }
}
