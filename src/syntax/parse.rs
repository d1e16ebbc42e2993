//! Parsing: a tree, or every syntax error of the file.

use ruff_python_ast::PySourceType;
use ruff_python_ast::token::{Token, TokenKind};
use ruff_python_parser::{ParseErrorType, ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;

use super::brackets::{self, Bracket};
use super::convert;
use super::tree::Module;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// The code of every syntax error.
const SYNTAX: &str = "ASYA001";

/// More errors than this are the echo of earlier ones.
const MAX_ERRORS: usize = 20;

/// Parses a Python file. On failure every syntax error is returned, each with code `ASYA001`; for
/// brackets the reason is CPython's own ("`(` was never closed", at the bracket).
pub fn parse(source: &Source) -> Result<Module, Vec<Diagnostic>> {
    let parsed = parse_unchecked(source.text(), ParseOptions::from(PySourceType::Python));
    let tokens: &[Token] = parsed.tokens();
    if let Some(mistake) = brackets::mistake(source, tokens.iter().filter_map(bracket)) {
        return Err(vec![mistake.code(SYNTAX)]);
    }
    if !parsed.errors().is_empty() {
        let mut errors: Vec<Diagnostic> = parsed
            .errors()
            .iter()
            // The parser's own bookkeeping after an error that was told already.
            .filter(|error| !matches!(&error.error, ParseErrorType::ExpectedToken { expected: TokenKind::Dedent, .. }))
            .take(MAX_ERRORS)
            .map(|error| {
                Diagnostic::error(convert::span(error.location), lower_first(&error.error.to_string())).code(SYNTAX)
            })
            .collect();
        errors.dedup_by_key(|error| source.line_of(error.span.start));
        return Err(errors);
    }
    let comments = spans(tokens, |token| token.kind() == TokenKind::Comment);
    let long_strings = strings(tokens).into_iter().filter(|span| source.slice(*span).contains('\n')).collect();
    let Some(module) = parsed.try_into_module() else {
        return Err(vec![Diagnostic::error(Span::new(0, 0), "this is not a Python module").code(SYNTAX)]);
    };
    Ok(Module { body: convert::statements(module.into_suite()), comments, long_strings })
}

fn bracket(token: &Token) -> Option<Bracket> {
    let character = match token.kind() {
        TokenKind::Lpar => '(',
        TokenKind::Rpar => ')',
        TokenKind::Lsqb => '[',
        TokenKind::Rsqb => ']',
        TokenKind::Lbrace => '{',
        TokenKind::Rbrace => '}',
        _ => return None,
    };
    Some(Bracket { character, span: convert::span(token.range()) })
}

fn spans(tokens: &[Token], wanted: impl Fn(&Token) -> bool) -> Vec<Span> {
    tokens.iter().filter(|token| wanted(token)).map(|token| convert::span(token.range())).collect()
}

/// Every string literal; an f-string from its opening to its closing quote.
fn strings(tokens: &[Token]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open: Vec<Span> = Vec::new();
    for token in tokens {
        let span = convert::span(token.range());
        match token.kind() {
            TokenKind::String if open.is_empty() => found.push(span),
            TokenKind::FStringStart | TokenKind::TStringStart => open.push(span),
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                if let Some(start) = open.pop()
                    && open.is_empty()
                {
                    found.push(start.to(span));
                }
            }
            _ => {}
        }
    }
    found
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
