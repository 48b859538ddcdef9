//! Parses the tokens of a filter expression: `or` binds weaker than `and`, `not` strongest.

use super::lexer::Token;
use super::{Comparison, Filter, Function, Literal, Operand, syntax};
use crate::protocol::errors::Refusal;

/// Nesting beyond this is refused before it can hurt.
const DEEPEST: usize = 100;

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// The variable of the lambda being parsed.
    variable: Option<String>,
}

pub(super) fn parse(text: &str, tokens: &[Token]) -> Result<Filter, Refusal> {
    let mut parser = Parser { text, tokens, at: 0, depth: 0, variable: None };
    let filter = parser.either()?;
    if parser.at < tokens.len() {
        return Err(parser.unexpected());
    }
    Ok(filter)
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Filter, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(syntax("The recursion limit has been exceeded."));
        }
        let mut left = self.both()?;
        while self.take_word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, Refusal> {
        let mut left = self.term()?;
        while self.take_word("and") {
            left = Filter::And(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Filter, Refusal> {
        let mut negations = 0u32;
        while self.take_word("not") {
            negations += 1;
        }
        let inner = self.primary()?;
        Ok(if negations.is_multiple_of(2) { inner } else { Filter::Not(Box::new(inner)) })
    }

    fn primary(&mut self) -> Result<Filter, Refusal> {
        if self.take(&Token::Open) {
            let inner = self.either()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        let Some(Token::Word(word)) = self.tokens.get(self.at) else {
            return Err(self.unexpected());
        };
        if self.tokens.get(self.at + 1) == Some(&Token::Open) {
            match word.to_ascii_lowercase().as_str() {
                "startswith" => return self.function(Function::StartsWith),
                "endswith" => return self.function(Function::EndsWith),
                "isof" => return self.is_of(),
                "contains" | "tolower" | "toupper" | "length" | "indexof" | "substring"
                | "concat" => {
                    return Err(Refusal::unsupported("Unsupported Query."));
                }
                _ => {
                    return Err(syntax(&format!(
                        "An unknown function with name '{word}' was found."
                    )));
                }
            }
        }
        let operand = self.operand()?;
        match operand {
            Operand::Path(path)
                if path.last().is_some_and(|last| last == "any") && self.peek(&Token::Open) =>
            {
                self.any(path)
            }
            Operand::Path(path)
                if path.last().is_some_and(|last| last == "all") && self.peek(&Token::Open) =>
            {
                Err(Refusal::unsupported("The 'all' operator is not supported."))
            }
            operand => self.comparison(operand),
        }
    }

    fn comparison(&mut self, operand: Operand) -> Result<Filter, Refusal> {
        if self.take_word("in") {
            self.expect(&Token::Open)?;
            let mut literals = vec![self.literal()?];
            while self.take(&Token::Comma) {
                literals.push(self.literal()?);
            }
            self.expect(&Token::Close)?;
            return Ok(Filter::In(operand, literals));
        }
        let operators = [
            ("eq", Comparison::Eq),
            ("ne", Comparison::Ne),
            ("gt", Comparison::Gt),
            ("ge", Comparison::Ge),
            ("lt", Comparison::Lt),
            ("le", Comparison::Le),
        ];
        for (name, operator) in operators {
            if self.take_word(name) {
                return Ok(Filter::Compare(operand, operator, self.literal()?));
            }
        }
        // A bare boolean property is a condition of its own.
        Ok(Filter::Compare(operand, Comparison::Eq, Literal::Boolean(true)))
    }

    fn function(&mut self, function: Function) -> Result<Filter, Refusal> {
        self.at += 2;
        let operand = self.operand()?;
        self.expect(&Token::Comma)?;
        let Literal::Text(text) = self.literal()? else { return Err(self.unexpected()) };
        self.expect(&Token::Close)?;
        // `startsWith(x,'y') eq true` is the long form of the same.
        if self.take_word("eq") {
            return match self.literal()? {
                Literal::Boolean(true) => Ok(Filter::Function(function, operand, text)),
                Literal::Boolean(false) => {
                    Ok(Filter::Not(Box::new(Filter::Function(function, operand, text))))
                }
                _ => Err(self.unexpected()),
            };
        }
        Ok(Filter::Function(function, operand, text))
    }

    fn is_of(&mut self) -> Result<Filter, Refusal> {
        self.at += 2;
        let Literal::Text(name) = self.literal()? else { return Err(self.unexpected()) };
        self.expect(&Token::Close)?;
        Ok(Filter::IsOf(name))
    }

    fn any(&mut self, mut path: Vec<String>) -> Result<Filter, Refusal> {
        path.pop();
        self.expect(&Token::Open)?;
        if self.take(&Token::Close) {
            return Ok(Filter::Any(path, None));
        }
        let Some(Token::Word(variable)) = self.tokens.get(self.at) else {
            return Err(self.unexpected());
        };
        let variable = variable.clone();
        self.at += 1;
        self.expect(&Token::Colon)?;
        let outer = self.variable.replace(variable);
        let condition = self.either()?;
        self.variable = outer;
        self.expect(&Token::Close)?;
        Ok(Filter::Any(path, Some(Box::new(condition))))
    }

    fn operand(&mut self) -> Result<Operand, Refusal> {
        let mut path = vec![self.word()?];
        while self.take(&Token::Slash) {
            path.push(self.word()?);
        }
        if path.last().is_some_and(|last| last == "$count") {
            path.pop();
            return Ok(Operand::Count(path));
        }
        if self.variable.as_ref() == path.first() {
            path.remove(0);
            return Ok(Operand::Element(path));
        }
        Ok(Operand::Path(path))
    }

    fn word(&mut self) -> Result<String, Refusal> {
        match self.tokens.get(self.at) {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word.clone())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| self.unexpected())?;
        self.at += 1;
        match token {
            Token::Text(text) => Ok(Literal::Text(text)),
            Token::Word(word) => Ok(match word.as_str() {
                "null" => Literal::Null,
                "true" => Literal::Boolean(true),
                "false" => Literal::Boolean(false),
                word => match word.parse() {
                    Ok(number) if word.chars().all(|c| c.is_ascii_digit() || "-.".contains(c)) => {
                        Literal::Number(number)
                    }
                    _ => self.bare(word)?,
                },
            }),
            _ => {
                self.at -= 1;
                Err(self.unexpected())
            }
        }
    }

    /// An unquoted GUID or timestamp; anything else there is a mistake such as missing quotes.
    fn bare(&self, word: &str) -> Result<Literal, Refusal> {
        let guid = word.parse::<crate::tenant::ObjectId>().is_ok();
        let timestamp = word.len() >= 10
            && word.as_bytes()[4] == b'-'
            && word.as_bytes()[..4].iter().all(u8::is_ascii_digit);
        if guid || timestamp { Ok(Literal::Bare(word.to_owned())) } else { Err(self.unexpected()) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(next)) if next == word);
        self.at += usize::from(found);
        found
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek(token);
        self.at += usize::from(found);
        found
    }

    fn peek(&self, token: &Token) -> bool {
        self.tokens.get(self.at) == Some(token)
    }

    fn expect(&mut self, token: &Token) -> Result<(), Refusal> {
        if self.take(token) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Refusal {
        syntax(&format!("Syntax error at token {} in '{}'.", self.at, self.text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Comparison, Filter, Literal, Operand, parse};

    fn compare(name: &str, operator: Comparison, literal: Literal) -> Filter {
        Filter::Compare(Operand::Path(vec![name.to_owned()]), operator, literal)
    }

    #[test]
    fn or_binds_weaker_than_and() {
        let filter = parse("a eq 1 or b ne 'x' and not c").unwrap();
        let c = compare("c", Comparison::Eq, Literal::Boolean(true));
        let right = Filter::And(
            Box::new(compare("b", Comparison::Ne, Literal::Text("x".into()))),
            Box::new(Filter::Not(Box::new(c))),
        );
        assert_eq!(
            filter,
            Filter::Or(
                Box::new(compare("a", Comparison::Eq, Literal::Number(1.0))),
                Box::new(right)
            )
        );
    }

    #[test]
    fn a_quote_in_a_literal_cannot_end_it() {
        let filter = parse("displayName eq ''' or true or '''").unwrap();
        assert_eq!(
            filter,
            compare("displayName", Comparison::Eq, Literal::Text("' or true or '".into()))
        );
    }

    #[test]
    fn lambdas_timestamps_and_guids_are_read() {
        for text in [
            "assignedLicenses/any(s:s/skuId eq 06ebc4ee-1bb5-47dd-8120-11324bc54e06)",
            "groupTypes/any(c:c eq 'Unified') and createdDateTime ge 2025-01-01T00:00:00Z",
            "startswith(displayName,'A') eq true",
            "assignedLicenses/$count eq 0",
            "id in ('a', 'b')",
            "isof('microsoft.graph.user') or isof('microsoft.graph.group')",
            "proxyAddresses/any(p:endsWith(p,'x'))",
            "owners/any()",
        ] {
            parse(text).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
        }
    }

    #[test]
    fn malformed_filters_are_refused() {
        let deep = format!("{}a eq 1{}", "(".repeat(5_000), ")".repeat(5_000));
        for text in [
            "",
            "a eq",
            "eq 1",
            "a eq 'x",
            "a eq x",
            "(a eq 1",
            "a eq 1)",
            "foo(a,'b')",
            "a in ()",
            "any(",
            "%",
            &deep,
        ] {
            assert_eq!(parse(text).unwrap_err().status, 400, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_mixture_of_tokens_makes_the_parser_panic(words in proptest::collection::vec(
            prop_oneof!["a", "eq", "'x'", "\\(", "\\)", "not", "and", "or", "in", ",", "/", "any", "x:", "2025-01-01", "isof", "startsWith", "\\$count"], 0..20)) {
            let _ = parse(&words.join(" "));
        }
    }
}
