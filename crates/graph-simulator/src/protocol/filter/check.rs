//! Which filters the directory answers, and which need the advanced mode (facts: graph-protocol 6).

use super::{Comparison, Filter, Function, Literal, Operand};
use crate::protocol::errors::Refusal;
use crate::tenant::property::{Filter as Support, Property};
use crate::tenant::{Kind, property};

/// Values of an `in` list by default; the advanced mode is bounded by the address alone.
const LONGEST_LIST: usize = 15;
/// Characters of an `eq` literal by default.
const LONGEST_LITERAL: usize = 120;
/// The only properties `endsWith` knows.
const ENDS_WITH: [&str; 4] = ["mail", "otherMails", "userPrincipalName", "proxyAddresses"];

/// Checks a filter on objects of some kinds; `advanced` says whether both parameters were sent.
pub(crate) fn check(filter: &Filter, kinds: &[Kind], advanced: bool) -> Result<(), Refusal> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => {
            check(left, kinds, advanced)?;
            check(right, kinds, advanced)
        }
        Filter::Not(inner) => {
            needs(advanced)?;
            check(inner, kinds, advanced)
        }
        Filter::Compare(operand, operator, literal) => {
            compare(operand, *operator, literal, kinds, advanced)
        }
        Filter::In(operand, literals) => {
            let support = supported(operand, kinds)?;
            if !advanced && literals.len() > LONGEST_LIST {
                return Err(Refusal::unsupported(format!(
                    "Too many child clauses specified in search filter expression containing 'OR' operators: {}. Max allowed: {LONGEST_LIST}.",
                    literals.len()
                )));
            }
            if support == Support::Advanced { needs(advanced) } else { Ok(()) }
        }
        Filter::Function(function, operand, _) => call(*function, operand, kinds, advanced),
        Filter::Any(path, condition) => {
            if supported(&Operand::Path(path.clone()), kinds)? == Support::Advanced {
                needs(advanced)?;
            }
            condition.as_ref().map_or(Ok(()), |condition| check(condition, kinds, advanced))
        }
        Filter::IsOf(_) => Ok(()),
    }
}

fn compare(
    operand: &Operand,
    operator: Comparison,
    literal: &Literal,
    kinds: &[Kind],
    advanced: bool,
) -> Result<(), Refusal> {
    if let Operand::Count(path) = operand {
        supported(&Operand::Path(path.clone()), kinds)?;
        needs(advanced)?;
        let simple = matches!(operator, Comparison::Eq | Comparison::Ne);
        let low = matches!(literal, Literal::Number(number) if ["0", "1"].contains(&number.to_string().as_str()));
        return if simple && low {
            Ok(())
        } else {
            Err(Refusal::unsupported("Only eq and ne with 0 or 1 are supported for $count."))
        };
    }
    let support = supported(operand, kinds)?;
    if operator == Comparison::Ne || support == Support::Advanced {
        needs(advanced)?;
    }
    match literal {
        Literal::Text(text) if !advanced && text.chars().count() > LONGEST_LITERAL => {
            Err(Refusal::unsupported(format!(
                "The filter value exceeds the maximum length of {LONGEST_LITERAL} characters."
            )))
        }
        _ => Ok(()),
    }
}

fn call(
    function: Function,
    operand: &Operand,
    kinds: &[Kind],
    advanced: bool,
) -> Result<(), Refusal> {
    let support = supported(operand, kinds)?;
    let ends = function == Function::EndsWith;
    if let (true, Operand::Path(path)) = (ends, operand)
        && !ENDS_WITH.contains(&path[0].as_str())
    {
        return Err(no_index(&path.join("/")));
    }
    if ends || support == Support::Advanced { needs(advanced) } else { Ok(()) }
}

/// How the property behind an operand can be filtered.
fn supported(operand: &Operand, kinds: &[Kind]) -> Result<Support, Refusal> {
    let path = match operand {
        Operand::Element(_) => return Ok(Support::Default),
        Operand::Path(path) | Operand::Count(path) => path,
    };
    let first = path.first().map_or("", String::as_str);
    let found: Vec<&Property> = kinds.iter().filter_map(|kind| property(*kind, first)).collect();
    if crate::protocol::extension::is_name(first) {
        return Ok(Support::Default);
    }
    let Some(known) = found.first() else {
        let type_name = if let [kind] = kinds { kind.entity_type() } else { "directoryObject" };
        return Err(Refusal::malformed(format!(
            "Invalid filter clause: Could not find a property named '{first}' on type 'microsoft.graph.{type_name}'."
        )));
    };
    match known.filter {
        Support::None => Err(no_index(first)),
        support => Ok(support),
    }
}

fn no_index(name: &str) -> Refusal {
    Refusal::unsupported(format!(
        "Unsupported or invalid query filter clause specified for property '{name}' of resource: the property has no index."
    ))
}

fn needs(advanced: bool) -> Result<(), Refusal> {
    if advanced {
        return Ok(());
    }
    Err(Refusal::unsupported(
        "Operator or property requires advanced query capabilities: send the header ConsistencyLevel: eventual and the query parameter $count=true.",
    ))
}
