//! The part of the Agent2Agent protocol that shows skills: the agent card.

use serde::Deserialize;

/// Where cards are: the older place, then the one since revision 0.3.
pub const CARDS: [&str; 2] = ["/.well-known/agent.json", "/.well-known/agent-card.json"];

/// An agent card, as far as skills matter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Card {
    /// Its skills; some servers write `null` for none.
    #[serde(default)]
    skills: Option<Vec<Skill>>,
}

/// A skill of an agent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Skill {
    /// Its identifier, by which callers choose it.
    pub id: String,
    /// What it does.
    #[serde(default)]
    pub description: Option<String>,
}

impl Card {
    /// Its skills.
    pub fn skills(&self) -> &[Skill] {
        self.skills.as_deref().unwrap_or_default()
    }
}
