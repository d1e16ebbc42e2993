//! Texts made by chance: bytes, and flows of the corpus with tokens and lines deleted, doubled, swapped and
//! taken from elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use asya::source::Source;

use super::{on_its_stack, variable};
use crate::corpus::flow::{flows, folders, root};
use crate::differential::random::Random;

#[test]
fn mutated_flows_are_compiled_or_refused() {
    let seed = variable("ASYA_FUZZ_SEED", 1);
    let time = Duration::from_secs(variable("ASYA_FUZZ_SECONDS", 2));
    let sources: Vec<String> = folders().iter().flat_map(|folder| flows(folder)).map(|flow| flow.source).collect();
    assert!(sources.len() > 60);
    let modules = handlers();
    let pieces: Vec<Vec<&str>> = sources.iter().map(|text| tokens(text)).collect();
    on_its_stack("mutations", |compile| {
        let start = Instant::now();
        let (mut count, mut programs) = (0, 0);
        let mut random = Random::new(seed);
        while start.elapsed() < time {
            let at = random.below(sources.len());
            let text = match random.below(8) {
                0 => bytes(&mut random),
                1 => {
                    let other = random.below(sources.len());
                    lines(&mut random, &sources[at], &sources[other])
                }
                _ => {
                    let other = random.below(sources.len());
                    mutated(&mut random, &pieces[at], &pieces[other])
                }
            };
            count += 1;
            programs += usize::from(compile(&text, None, &modules).is_some());
        }
        println!("{count} texts, {programs} of them compile");
        assert!(programs * 20 > count && count > 20, "{programs} of {count} compile: the mutations are too wild");
    });
}

/// The modules with the actors of the corpus.
fn handlers() -> BTreeMap<String, Source> {
    let files = std::fs::read_dir(root().join("ai")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "py"));
    let modules = files.map(|file| {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let name = if stem == "__init__" { "ai".to_owned() } else { format!("ai.{stem}") };
        (name, Source::new(format!("ai/{stem}.py"), std::fs::read_to_string(&file).unwrap()))
    });
    modules.collect()
}

/// Text that is hardly ever Python.
fn bytes(random: &mut Random) -> String {
    const LETTERS: [&str; 40] = [
        "(", ")", "[", "]", "{", "}", ":", ",", ".", "\n", "\n    ", "\t", " ", "\\", "'", "\"", "f\"", "\"\"\"", "#",
        "await ", "async ", "def ", "for ", "in ", "if ", "match ", "case ", "lambda ", "@flow\n", "p", "1", "é",
        "\u{0}", "\r", "\u{feff}", "=", ":=", "*", "**", "\u{c}",
    ];
    let length = random.below(120);
    (0..length).map(|_| LETTERS[random.below(LETTERS.len())]).collect()
}

/// Words, numbers, white space and every other character by itself.
fn tokens(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '\n' => 3,
        c if c.is_whitespace() => 1,
        c if c.is_alphanumeric() || c == '_' => 2,
        _ => 0,
    };
    let mut found = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| before != kind(c) || before == 0 || before == 3) {
            found.push(&text[start..at]);
            start = at;
        }
        before = Some(kind(c));
    }
    found.push(&text[start..]);
    found
}

fn mutated(random: &mut Random, from: &[&str], other: &[&str]) -> String {
    let mut all = from.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(all.len());
        let to = random.below(all.len());
        match random.below(6) {
            0 => drop(all.remove(at)),
            1 => all.insert(at, all[at]),
            2 => all.swap(at, to),
            // A word for a word.
            3 => {
                let is_word = |token: &&str| token.starts_with(|c: char| c.is_alphabetic());
                let words: Vec<usize> = (0..all.len()).filter(|&index| is_word(&all[index])).collect();
                let others: Vec<&&str> = other.iter().filter(|token| is_word(token)).collect();
                if let (false, false) = (words.is_empty(), others.is_empty()) {
                    all[words[random.below(words.len())]] = others[random.below(others.len())];
                }
            }
            4 => all[at] = other[random.below(other.len())],
            _ => {
                let end = (at + 1 + random.below(12)).min(all.len());
                let start = random.below(other.len());
                let taken = &other[start..(start + random.below(12)).min(other.len())];
                all.splice(at..end, taken.iter().copied());
            }
        }
        if all.is_empty() {
            break;
        }
    }
    all.concat()
}

/// Whole lines, with another indentation now and then.
fn lines(random: &mut Random, from: &str, other: &str) -> String {
    let mut all: Vec<String> = from.lines().map(str::to_owned).collect();
    let others: Vec<&str> = other.lines().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(all.len());
        let to = random.below(all.len());
        match random.below(5) {
            0 => drop(all.remove(at)),
            1 => all.insert(at, all[at].clone()),
            2 => all.swap(at, to),
            3 => all.insert(at, others[random.below(others.len())].to_owned()),
            _ => all[at] = format!("    {}", all[at]),
        }
        if all.is_empty() {
            break;
        }
    }
    all.join("\n") + "\n"
}
