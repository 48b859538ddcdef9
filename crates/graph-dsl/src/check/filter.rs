//! `$filter`: a parser for OData's boolean expressions that knows which names are properties.

/// What is wrong in a filter, with its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) message: String,
}

/// Deepest nesting of parentheses; beyond it nothing is checked any more.
const MAX_DEPTH: usize = 32;
const COMPARISONS: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le", "has", "in"];

/// A property path that a filter reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Where it starts.
    pub(super) start: usize,
    pub(super) path: String,
    /// The path of the collection whose items it belongs to, inside of a lambda.
    pub(super) within: Option<String>,
}

/// The property paths that a filter reads, in its order.
pub(super) fn names(text: &str) -> Result<Vec<Name>, Problem> {
    let tokens = tokens(text)?;
    let mut parser =
        Parser { tokens, at: 0, end: text.len(), names: Vec::new(), bound: Vec::new() };
    parser.alternatives(0)?;
    match parser.peek() {
        None => Ok(parser.names),
        Some(token) => {
            Err(parser.problem(&format!("expected `and` or `or`, found `{}`", token.text)))
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    start: usize,
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A name, a path or a keyword.
    Word,
    /// A quoted text, a number, a date.
    Literal,
    /// `{{ … }}`, which may be any operand or a whole condition.
    Hole,
    /// `(`, `)`, `,`, `:`.
    Mark,
}

fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, kind) = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '\'' => (
                quoted(rest).ok_or_else(|| unclosed(at, text, "this quote is never closed"))?,
                Kind::Literal,
            ),
            '{' if rest.starts_with("{{") => {
                let length = rest.find("}}").map(|end| end + 2);
                (
                    length.ok_or_else(|| unclosed(at, text, "this expression is never closed"))?,
                    Kind::Hole,
                )
            }
            '{' => {
                let length = rest.find('}').map(|end| end + 1);
                (
                    length.ok_or_else(|| unclosed(at, text, "this placeholder is never closed"))?,
                    Kind::Hole,
                )
            }
            '(' | ')' | ',' | ':' => (1, Kind::Mark),
            _ => {
                let is_end = |each: char| each.is_whitespace() || "(),:'{".contains(each);
                // A time has colons, `2026-01-31T10:00:00Z`.
                let number = first.is_ascii_digit() || first == '-';
                let end = rest.find(|each: char| is_end(each) && !(number && each == ':'));
                let kind = if number { Kind::Literal } else { Kind::Word };
                (end.unwrap_or(rest.len()), kind)
            }
        };
        found.push(Token { start: at, text: rest[..length].to_owned(), kind });
        at += length;
    }
    Ok(found)
}

/// The length of a quoted text; a doubled quote stands for one.
fn quoted(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].find('\'')? + 1;
        if !text[at..].starts_with('\'') {
            return Some(at);
        }
        at += 1;
    }
}

fn unclosed(start: usize, text: &str, message: &str) -> Problem {
    Problem { start, end: text.len(), message: message.to_owned() }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
    names: Vec<Name>,
    /// Variables of the lambdas that are open, with the paths of their collections.
    bound: Vec<(String, String)>,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, text: &str) -> bool {
        let found =
            self.peek().is_some_and(|token| token.kind != Kind::Literal && token.text == text);
        self.at += usize::from(found);
        found
    }

    fn problem(&self, message: &str) -> Problem {
        let place =
            self.peek().map_or((self.end, self.end), |it| (it.start, it.start + it.text.len()));
        Problem { start: place.0, end: place.1, message: message.to_owned() }
    }

    fn expect(&mut self, mark: &str, behind: &str) -> Result<(), Problem> {
        if self.take(mark) {
            return Ok(());
        }
        Err(self.problem(&format!("expected `{mark}` after {behind}")))
    }

    fn alternatives(&mut self, depth: usize) -> Result<(), Problem> {
        if depth > MAX_DEPTH {
            return Err(self.problem("nested too deeply"));
        }
        self.condition(depth)?;
        while self.take("and") || self.take("or") {
            self.condition(depth)?;
        }
        Ok(())
    }

    fn condition(&mut self, depth: usize) -> Result<(), Problem> {
        while self.take("not") {}
        if self.take("(") {
            self.alternatives(depth + 1)?;
            self.expect(")", "the condition")?;
            return self.comparison(true, "`)`", depth);
        }
        let whole = self.peek().is_some_and(|token| token.kind == Kind::Hole);
        let shown = self.peek().map_or_else(String::new, |token| token.text.clone());
        let condition = self.operand(depth)?;
        self.comparison(whole || condition, &format!("`{shown}`"), depth)
    }

    /// `eq 'x'`; nothing where the left side is a condition already.
    fn comparison(&mut self, complete: bool, behind: &str, depth: usize) -> Result<(), Problem> {
        let operator =
            self.peek().filter(|token| COMPARISONS.contains(&token.text.as_str())).cloned();
        let Some(operator) = operator else {
            let hole = self.peek().is_some_and(|token| token.kind == Kind::Hole);
            if complete || hole {
                return Ok(());
            }
            return Err(self.problem(&format!("expected an operator after {behind}")));
        };
        self.at += 1;
        if operator.text == "in" && self.take("(") {
            loop {
                self.operand(depth + 1)?;
                if !self.take(",") {
                    break;
                }
            }
            return self.expect(")", "the list");
        }
        self.operand(depth + 1).map(|_| ())
    }

    /// A literal, a property path, a function, a lambda; whether it is a condition by itself.
    fn operand(&mut self, depth: usize) -> Result<bool, Problem> {
        if depth > MAX_DEPTH {
            return Err(self.problem("nested too deeply"));
        }
        let token = match self.peek() {
            Some(token) if token.kind != Kind::Mark => token.clone(),
            Some(token) => {
                return Err(self.problem(&format!("expected a value, found `{}`", token.text)));
            }
            None => return Err(self.problem("expected a value")),
        };
        self.next();
        if token.kind != Kind::Word {
            return Ok(token.kind == Kind::Hole);
        }
        if !self.take("(") {
            let constant = matches!(token.text.as_str(), "true" | "false" | "null");
            if !constant {
                self.name(&token);
            }
            // `accountEnabled` alone is a condition.
            return Ok(!constant
                && matches!(
                    self.peek().map(|it| it.text.as_str()),
                    None | Some("and" | "or" | ")")
                ));
        }
        match token.text.rsplit_once('/') {
            Some((path, "any" | "all")) => {
                self.name(&Token { text: path.to_owned(), ..token.clone() });
                self.lambda(path, depth)?;
            }
            _ => {
                while !self.take(")") {
                    self.operand(depth + 1)?;
                    if !self.take(",") {
                        self.expect(")", "the arguments")?;
                        break;
                    }
                }
            }
        }
        Ok(true)
    }

    /// `x:x/skuId eq 1)`, or `)`.
    fn lambda(&mut self, path: &str, depth: usize) -> Result<(), Problem> {
        if self.take(")") {
            return Ok(());
        }
        let variable = self.next().map(|token| token.text).unwrap_or_default();
        self.expect(":", "the variable")?;
        let outer = self.bound_path(path).unwrap_or_else(|| path.to_owned());
        self.bound.push((variable, outer));
        self.alternatives(depth + 1)?;
        self.bound.pop();
        self.expect(")", "the condition")
    }

    fn name(&mut self, token: &Token) {
        let (first, rest) = token.text.split_once('/').unwrap_or((&token.text, ""));
        if let Some((_, collection)) = self.bound.iter().rev().find(|(bound, _)| bound == first) {
            if !rest.is_empty() {
                let start = token.start + first.len() + 1;
                let within = Some(collection.clone());
                self.names.push(Name { start, path: rest.to_owned(), within });
            }
            return;
        }
        let property = first.chars().all(|each| each.is_alphanumeric() || each == '_');
        if property && !first.is_empty() {
            self.names.push(Name { start: token.start, path: token.text.clone(), within: None });
        }
    }

    /// A path that starts with a variable, as a path from the object.
    fn bound_path(&self, path: &str) -> Option<String> {
        let (first, rest) = path.split_once('/')?;
        let (_, collection) = self.bound.iter().rev().find(|(bound, _)| bound == first)?;
        Some(format!("{collection}/{rest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let whole = |name: Name| match name.within {
            Some(within) => format!("{within}:{}", name.path),
            None => name.path,
        };
        names(text).unwrap_or_default().into_iter().map(whole).collect()
    }

    #[test]
    fn the_names_of_a_filter_are_its_properties() {
        assert_eq!(
            read("displayName eq 'a and b' and not startswith(mail, 'x')"),
            ["displayName", "mail"]
        );
        assert_eq!(
            read("assignedLicenses/any(x:x/skuId eq {{ params.sku }})"),
            ["assignedLicenses", "assignedLicenses:skuId"]
        );
        assert_eq!(read("assignedLicenses/$count ne 0"), ["assignedLicenses/$count"]);
        assert_eq!(
            read("createdDateTime ge 2026-01-31T10:00:00Z and accountEnabled eq true"),
            ["createdDateTime", "accountEnabled"]
        );
        assert_eq!(read("id in ('a', 'b') or {{ params.filter }}"), ["id"]);
        assert_eq!(read("(userType eq 'Guest') and (endswith(mail,'{x}'))"), ["userType", "mail"]);
        assert_eq!(read("groupTypes/any(c:c eq 'Unified')"), ["groupTypes"]);
        assert_eq!(read("startswith(displayName,'a') eq true"), ["displayName"]);
        assert!(read("{{ params.filter }}").is_empty());
        assert!(read("principalId eq {id}").len() == 1);
    }

    #[test]
    fn a_filter_that_does_not_parse_says_where() {
        let problem = |text: &str| names(text).expect_err("wrong");
        assert_eq!(problem("displayName 'x'").message, "expected an operator after `displayName`");
        assert_eq!(problem("displayName eq").message, "expected a value");
        assert_eq!(problem("displayName eq 'x").message, "this quote is never closed");
        assert_eq!(problem("a eq 1 b eq 2").message, "expected `and` or `or`, found `b`");
        assert_eq!(problem("(a eq 1").message, "expected `)` after the condition");
        assert_eq!(problem(&"(".repeat(100)).message, "nested too deeply");
    }
}
