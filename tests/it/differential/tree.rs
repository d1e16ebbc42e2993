//! Python as a tree that can be cut down: statements, and expressions that know their parts.

/// An expression, or the head of a statement: text with expressions in it.
#[derive(Debug, Clone)]
pub struct Expr(Vec<Part>);

#[derive(Debug, Clone)]
pub enum Part {
    /// Stays as it is.
    Text(String),
    /// Could be any other expression.
    Child(Expr),
}

/// `ex!("($ + $)", left, right)`: an [`Expr`] is a part of its own, text is only filled in.
macro_rules! ex {
    ($template:expr $(, $part:expr)* $(,)?) => {
        $crate::differential::tree::Expr::fill($template, vec![$($crate::differential::tree::Part::from($part)),*])
    };
}
pub(super) use ex;

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Part {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Expr> for Part {
    fn from(expr: Expr) -> Self {
        Self::Child(expr)
    }
}

impl From<&Expr> for Part {
    fn from(expr: &Expr) -> Self {
        Self::Child(expr.clone())
    }
}

/// Several expressions with commas between them.
pub fn joined(parts: Vec<Expr>) -> Expr {
    let mut all = Vec::new();
    for part in parts {
        if !all.is_empty() {
            all.push(Part::Text(", ".to_owned()));
        }
        all.push(Part::Child(part));
    }
    Expr(all)
}

impl Expr {
    pub fn fill(template: &str, parts: Vec<Part>) -> Self {
        let mut parts = parts.into_iter();
        let mut all = Vec::new();
        for (number, text) in template.split('$').enumerate() {
            if number > 0 {
                all.push(parts.next().unwrap_or_else(|| panic!("`{template}` has more places than parts")));
            }
            if !text.is_empty() {
                all.push(Part::Text(text.to_owned()));
            }
        }
        assert!(parts.next().is_none(), "`{template}` has fewer places than parts");
        Self(all)
    }

    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// The same text, which can only stay or go as a whole.
    pub fn whole(&self) -> Self {
        Self::plain(self.text())
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Child(expr) => expr.write(text),
            }
        }
    }

    /// It with one part replaced by something simpler.
    fn simpler<'a>(&'a self) -> Vec<Candidate<'a, Self>> {
        let mut found = Vec::new();
        for (at, part) in self.0.iter().enumerate() {
            let Part::Child(child) = part else { continue };
            let mut replace = |by: Candidate<'a, Self>| {
                found.push(Box::new(move || {
                    let mut parts = self.0.clone();
                    parts[at] = Part::Child(by());
                    Self(parts)
                }) as Candidate<'a, Self>);
            };
            let is_atom = child.0.len() == 1 && matches!(child.0[0], Part::Text(_));
            if !(is_atom && matches!(child.text().as_str(), "0" | "None")) {
                replace(Box::new(|| Self::plain("0")));
            }
            for grandchild in &child.0 {
                if let Part::Child(grandchild) = grandchild {
                    replace(Box::new(|| grandchild.clone()));
                }
            }
            child.simpler().into_iter().for_each(replace);
        }
        found
    }
}

/// What something could be made into, made when it is its turn: a tree has many, and few are tried.
pub type Candidate<'a, T> = Box<dyn Fn() -> T + 'a>;

pub type Body = Vec<Stmt>;

#[derive(Debug, Clone)]
pub enum Stmt {
    /// One statement without a block.
    Line(Expr),
    /// `if`, `while`, `try` and so on with all that belongs to them.
    Block(Vec<Clause>),
}

/// A head, which ends with a colon, and what is indented below.
#[derive(Debug, Clone)]
pub struct Clause {
    pub head: Expr,
    pub body: Body,
}

impl Clause {
    pub fn new(head: Expr, body: Body) -> Self {
        Self { head, body }
    }
}

pub fn line(text: impl Into<String>) -> Stmt {
    Stmt::Line(Expr::plain(text))
}

pub fn block(head: Expr, body: Body) -> Stmt {
    Stmt::Block(vec![Clause::new(head, body)])
}

/// The text of a module.
pub fn text(body: &[Stmt]) -> String {
    let mut text = String::new();
    write(body, 0, &mut text);
    text
}

fn write(body: &[Stmt], depth: usize, text: &mut String) {
    let head = |text: &mut String, expr: &Expr| {
        let at = text.len();
        expr.write(text);
        if text.len() > at {
            text.insert_str(at, &"    ".repeat(depth));
        }
        text.push('\n');
    };
    for stmt in body {
        match stmt {
            Stmt::Line(expr) => head(text, expr),
            Stmt::Block(clauses) => {
                for clause in clauses {
                    head(text, &clause.head);
                    if clause.body.is_empty() {
                        text.push_str(&"    ".repeat(depth + 1));
                        text.push_str("pass\n");
                    }
                    write(&clause.body, depth + 1, text);
                }
            }
        }
    }
}

/// Every way to make `body` a bit smaller, the larger steps first.
pub fn smaller(body: &[Stmt]) -> Vec<Candidate<'_, Body>> {
    let mut found: Vec<Candidate<'_, Body>> = Vec::new();
    let mut size = body.len();
    while size > 0 {
        for start in (0..body.len()).step_by(size) {
            let end = (start + size).min(body.len());
            found.push(Box::new(move || [&body[..start], &body[end..]].concat()));
        }
        size /= 2;
    }
    for (at, stmt) in body.iter().enumerate() {
        for instead in smaller_statement(stmt) {
            found.push(Box::new(move || [&body[..at], &instead(), &body[at + 1..]].concat()));
        }
    }
    found
}

fn line_of(expr: Candidate<'_, Expr>) -> Candidate<'_, Body> {
    Box::new(move || vec![Stmt::Line(expr())])
}

fn smaller_statement(stmt: &Stmt) -> Vec<Candidate<'_, Body>> {
    let clauses = match stmt {
        Stmt::Line(expr) => return expr.simpler().into_iter().map(line_of).collect(),
        Stmt::Block(clauses) => clauses,
    };
    // The bodies instead of the whole, all or one; then less of each clause.
    let mut found: Vec<Candidate<'_, Body>> =
        vec![Box::new(|| clauses.iter().flat_map(|clause| clause.body.clone()).collect())];
    if clauses.len() > 1 {
        found.extend(clauses.iter().map(|clause| -> Candidate<'_, Body> { Box::new(|| clause.body.clone()) }));
    }
    for (at, clause) in clauses.iter().enumerate() {
        let with = move |changed: Option<Clause>| {
            let changed = changed.as_slice();
            vec![Stmt::Block([&clauses[..at], changed, &clauses[at + 1..]].concat())]
        };
        if clauses.len() > 1 {
            found.push(Box::new(move || with(None)));
        }
        for body in smaller(&clause.body) {
            found.push(Box::new(move || with(Some(Clause::new(clause.head.clone(), body())))));
        }
        for head in clause.head.simpler() {
            found.push(Box::new(move || with(Some(Clause::new(head(), clause.body.clone())))));
        }
    }
    found
}
