//! Options that are joined by operators, as in `roles("a") || roles("b")`, and the text to write instead.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::names::{OPTIONS, REPEATABLE, REQUIREMENTS, STEP_UPS};
use super::syntax::{as_written, split_at_commas};

/// The place in which the text will stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// The attribute itself: all options count.
    Attribute,
    /// `all`: all members count.
    All,
    /// `any`: one of the members counts.
    Any,
    /// `not`: there is one member.
    Not,
}

/// Operands, and how they are joined.
enum Expression {
    Leaf(TokenStream),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// Returns the message for operands that are joined or negated by operators, or stand in brackets; `None` where the
/// operators and operands do not say what was meant.
pub(super) fn instead_of_operators(written: &TokenStream, around: Around) -> Option<String> {
    let operator = first_operator(written)?;
    if let Some(name) = Expression::parse(written.clone())?.negated_step_up(around == Around::Not) {
        return Some(never_negated(&name));
    }
    let write = match in_brackets(written) {
        Some(inside) => members(&inside, around)?,
        None => options(written, around)?,
    };
    Some(match operator {
        "!" => format!("an option is negated by `not(..)`: write `{write}`"),
        "[...]" | "(...)" | "{...}" => {
            format!("options stand side by side, not in `{operator}`: write `{write}`")
        }
        _ => format!("options are not joined by `{operator}`: write `{write}`"),
    })
}

/// Returns the message for a requirement of how the user signed in, where it is negated.
pub(super) fn never_negated(name: &str) -> String {
    format!(
        "`{name}` can't stand in `not`, because a user can't be asked for an older or weaker sign-in: remove it, or \
         write a `policy`"
    )
}

/// Returns the members of a group as they are written in it. `None` if they are not valid there.
pub(super) fn members(written: &TokenStream, around: Around) -> Option<String> {
    let elements = split_at_commas(written.clone());
    // Whether none of several may be met, or not all of them, is for the user to say.
    if elements.is_empty() || (around == Around::Not && elements.len() > 1) {
        return None;
    }
    let members: Option<Vec<String>> = elements.iter().map(|member| options(member, around)).collect();
    members.map(|members| members.join(", "))
}

fn in_brackets(written: &TokenStream) -> Option<TokenStream> {
    let mut tokens = written.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Group(group)), None) => Some(group.stream()),
        _ => None,
    }
}

/// Returns options as they are written in the place `around`: operators become groups. `None` if that is not valid.
pub(super) fn options(written: &TokenStream, around: Around) -> Option<String> {
    let expression = Expression::parse(written.clone())?;
    if expression.negated_step_up(around == Around::Not).is_some() {
        return None;
    }
    let text = expression.text(around, &option_text)?;
    // An option that may stand only once in the attribute.
    if around == Around::Attribute && expression.repeats_a_name() {
        return Some(format!("all({})", expression.text(Around::All, &option_text)?));
    }
    Some(text)
}

/// Returns the message for values of one option that are joined by operators, with the text of [`joined_values`].
pub(super) fn instead_of_joined_values(written: &TokenStream, values: &Values<'_>) -> Option<String> {
    let write = joined_values(written, values)?;
    Some(match first_operator(written)? {
        "!" => format!("a value is not negated by `!`: write `{write}`"),
        operator => format!("values are not joined by `{operator}`: write `{write}`"),
    })
}

/// The texts for values of one option.
pub(super) struct Values<'a> {
    /// Returns the option with one value.
    pub(super) one: &'a dyn Fn(&TokenStream) -> Option<String>,
    /// Returns the option with several values, of which one will do if the flag is true. `None` if the option does not
    /// mean this by a list.
    pub(super) list: &'a dyn Fn(&[TokenStream], bool) -> Option<String>,
}

/// Returns the options for values that are joined by operators; `None` if there are no operators, or no values.
pub(super) fn joined_values(written: &TokenStream, values: &Values<'_>) -> Option<String> {
    first_operator(written)?;
    if in_brackets(written).is_some() {
        return None;
    }
    let expression = Expression::parse(written.clone())?;
    let list = match &expression {
        Expression::Any(members) => (values.list)(&leaves(members), true),
        Expression::All(members) => (values.list)(&leaves(members), false),
        Expression::Leaf(_) | Expression::Not(_) => None,
    };
    list.or_else(|| expression.text(Around::Not, &|tokens, _| (values.one)(tokens)))
}

/// Returns the operands; none if an operand has operators itself.
fn leaves(members: &[Expression]) -> Vec<TokenStream> {
    let tokens = |member: &Expression| match member {
        Expression::Leaf(tokens) => Some(tokens.clone()),
        _ => None,
    };
    members.iter().map(tokens).collect::<Option<_>>().unwrap_or_default()
}

/// Returns an option that may stand in the place `around`.
fn option_text(leaf: &TokenStream, around: Around) -> Option<String> {
    let name = name_of(leaf)?;
    let fits = match around {
        Around::Attribute => OPTIONS.contains(&name.as_str()),
        Around::All | Around::Any | Around::Not => REQUIREMENTS.contains(&name.as_str()),
    };
    fits.then(|| as_written(leaf.clone()))
}

fn name_of(leaf: &TokenStream) -> Option<String> {
    match leaf.clone().into_iter().next()? {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    }
}

impl Expression {
    /// Reads operands and operators, of which `||` binds less than `&&`.
    fn parse(written: TokenStream) -> Option<Self> {
        let tokens: Vec<TokenTree> = written.into_iter().collect();
        let alternatives = split(&tokens, '|', "or")?;
        if alternatives.len() > 1 {
            let members: Option<Vec<Self>> = alternatives.into_iter().map(Self::parse).collect();
            return members.map(Self::Any);
        }
        let factors = split(&tokens, '&', "and")?;
        if factors.len() > 1 {
            let members: Option<Vec<Self>> = factors.into_iter().map(Self::parse).collect();
            return members.map(Self::All);
        }
        match tokens.as_slice() {
            [] => None,
            [TokenTree::Punct(punct), rest @ ..] if punct.as_char() == '!' => {
                let operand = Self::parse(rest.iter().cloned().collect())?;
                Some(Self::Not(Box::new(operand)))
            }
            [TokenTree::Group(group)] => {
                let members: Option<Vec<Self>> =
                    split_at_commas(group.stream()).into_iter().map(Self::parse).collect();
                let mut members = members?;
                match members.len() {
                    0 => None,
                    1 => members.pop(),
                    _ => Some(Self::All(members)),
                }
            }
            _ => Some(Self::Leaf(tokens.into_iter().collect())),
        }
    }

    /// Returns the text for the place `around`. `leaf` gives the text of an operand there.
    fn text(&self, around: Around, leaf: &dyn Fn(&TokenStream, Around) -> Option<String>) -> Option<String> {
        let join = |members: &[Self], inside: Around| -> Option<String> {
            let texts: Option<Vec<String>> = members.iter().map(|member| member.text(inside, leaf)).collect();
            texts.map(|texts| texts.join(", "))
        };
        match self {
            Self::Leaf(tokens) => leaf(tokens, around),
            Self::Not(operand) => Some(format!("not({})", operand.text(Around::Not, leaf)?)),
            Self::All(members) if matches!(around, Around::All | Around::Attribute) => join(members, around),
            Self::All(members) => Some(format!("all({})", join(members, Around::All)?)),
            Self::Any(members) if around == Around::Any => join(members, around),
            Self::Any(members) => Some(format!("any({})", join(members, Around::Any)?)),
        }
    }

    /// Returns the requirement of how the user signed in that would stand in `not`, if there is one.
    fn negated_step_up(&self, is_negated: bool) -> Option<String> {
        match self {
            Self::Leaf(tokens) => {
                name_of(tokens).filter(|name| is_negated && STEP_UPS.contains(&name.as_str()))
            }
            Self::Not(operand) => operand.negated_step_up(true),
            Self::All(members) | Self::Any(members) => {
                members.iter().find_map(|member| member.negated_step_up(is_negated))
            }
        }
    }

    /// Returns whether two operands are the same option, which the attribute takes once.
    fn repeats_a_name(&self) -> bool {
        let Self::All(members) = self else { return false };
        let mut names = Vec::new();
        for member in members {
            let Self::Leaf(tokens) = member else { continue };
            let Some(name) = name_of(tokens) else { continue };
            if names.contains(&name) && !REPEATABLE.contains(&name.as_str()) {
                return true;
            }
            names.push(name);
        }
        false
    }
}

/// Returns what stands between the operators, single or double; `None` if an operand is missing.
fn split(tokens: &[TokenTree], operator: char, word: &str) -> Option<Vec<TokenStream>> {
    let mut parts = vec![Vec::new()];
    let mut after_operator = false;
    for token in tokens {
        let is_operator = match token {
            TokenTree::Punct(punct) => punct.as_char() == operator,
            TokenTree::Ident(ident) => ident == word,
            _ => false,
        };
        let last = parts.last_mut()?;
        if !is_operator {
            last.push(token.clone());
        } else if !last.is_empty() {
            parts.push(Vec::new());
        } else if !after_operator {
            return None;
        }
        after_operator = is_operator;
    }
    let is_whole = parts.iter().all(|part| !part.is_empty());
    is_whole.then(|| parts.into_iter().map(|part| part.into_iter().collect()).collect())
}

/// Returns the first operator as written, or the delimiters of what starts with brackets.
fn first_operator(written: &TokenStream) -> Option<&'static str> {
    let mut tokens = written.clone().into_iter().peekable();
    let mut is_first = true;
    while let Some(token) = tokens.next() {
        let doubled = |next: Option<&TokenTree>, char: char| matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == char);
        match &token {
            TokenTree::Punct(punct) => match punct.as_char() {
                '|' if doubled(tokens.peek(), '|') => return Some("||"),
                '|' => return Some("|"),
                '&' if doubled(tokens.peek(), '&') => return Some("&&"),
                '&' => return Some("&"),
                '!' if is_first => return Some("!"),
                _ => {}
            },
            TokenTree::Ident(word) if !is_first && word == "or" => return Some("or"),
            TokenTree::Ident(word) if !is_first && word == "and" => return Some("and"),
            TokenTree::Group(group) if is_first && tokens.peek().is_none() => {
                return match group.delimiter() {
                    Delimiter::Bracket => Some("[...]"),
                    Delimiter::Parenthesis => Some("(...)"),
                    Delimiter::Brace => Some("{...}"),
                    Delimiter::None => None,
                };
            }
            _ => {}
        }
        is_first = false;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> TokenStream {
        text.parse().unwrap()
    }

    #[test]
    fn operators_become_groups() {
        for (written, write) in [
            ("roles(\"a\") || roles(\"b\")", "any(roles(\"a\"), roles(\"b\"))"),
            ("roles(\"a\") | scopes(\"b\") | org", "any(roles(\"a\"), scopes(\"b\"), org)"),
            ("roles(\"a\") or roles(\"b\")", "any(roles(\"a\"), roles(\"b\"))"),
            ("roles(\"a\") && scopes(\"b\")", "roles(\"a\"), scopes(\"b\")"),
            ("roles(\"a\") and scopes(\"b\")", "roles(\"a\"), scopes(\"b\")"),
            ("roles(\"a\") && login", "roles(\"a\"), login"),
            ("roles(\"a\") && roles(\"b\")", "all(roles(\"a\"), roles(\"b\"))"),
            ("claim(\"a\" = 1) && claim(\"b\" = 2)", "claim(\"a\" = 1), claim(\"b\" = 2)"),
            ("!roles(\"a\")", "not(roles(\"a\"))"),
            ("!(roles(\"a\") || org)", "not(any(roles(\"a\"), org))"),
            ("!(roles(\"a\"), org)", "not(all(roles(\"a\"), org))"),
            (
                "roles(\"a\") && !org || max_age = \"5m\"",
                "any(all(roles(\"a\"), not(org)), max_age = \"5m\")",
            ),
            (
                "(roles(\"a\") || roles(\"b\")) && scopes(\"c\")",
                "any(roles(\"a\"), roles(\"b\")), scopes(\"c\")",
            ),
            ("[roles(\"a\"), scopes(\"b\")]", "roles(\"a\"), scopes(\"b\")"),
        ] {
            assert_eq!(options(&tokens(written), Around::Attribute).as_deref(), Some(write), "{written}");
            assert!(instead_of_operators(&tokens(written), Around::Attribute).is_some(), "{written}");
        }
    }

    #[test]
    fn the_text_fits_the_group_around_it() {
        for (written, around, write) in [
            ("org || roles(\"a\")", Around::Any, "org, roles(\"a\")"),
            ("org && roles(\"a\")", Around::Any, "all(org, roles(\"a\"))"),
            ("org || roles(\"a\")", Around::All, "any(org, roles(\"a\"))"),
            ("roles(\"b\") && roles(\"a\")", Around::All, "roles(\"b\"), roles(\"a\")"),
            ("org && roles(\"a\")", Around::Not, "all(org, roles(\"a\"))"),
            ("org || roles(\"a\")", Around::Not, "any(org, roles(\"a\"))"),
        ] {
            assert_eq!(options(&tokens(written), around).as_deref(), Some(write), "{written}");
        }
        let bracketed = |around| instead_of_operators(&tokens("[org, roles(\"a\")]"), around);
        for around in [Around::Attribute, Around::All, Around::Any] {
            assert!(bracketed(around).unwrap().ends_with(": write `org, roles(\"a\")`"));
        }
        assert_eq!(bracketed(Around::Not), None);
    }

    #[test]
    fn text_that_would_be_refused_in_its_turn_is_not_suggested() {
        for written in [
            "roles(\"a\") || login",
            "roles(\"a\") ||",
            "|| roles(\"a\")",
            "roles(\"a\") || 5",
            "colour || roles(\"a\")",
            "!",
            "()",
        ] {
            assert_eq!(instead_of_operators(&tokens(written), Around::Attribute), None, "{written}");
        }
        for (written, name) in [("!max_age = \"5m\"", "max_age"), ("!(acr(\"a\") || org)", "acr")] {
            let message = instead_of_operators(&tokens(written), Around::Attribute);
            assert_eq!(message, Some(never_negated(name)), "{written}");
        }
        for written in ["roles(\"a\")", "roles(\"a\") + org", "login = true"] {
            assert_eq!(instead_of_operators(&tokens(written), Around::Attribute), None, "{written}");
        }
    }
}
