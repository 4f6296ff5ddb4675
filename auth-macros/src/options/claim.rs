//! `claim("name" = value)`.

use syn::parse::ParseStream;
use syn::{Error, Ident, Lit, LitInt, LitStr, Token};

use super::requirement::{Demand, Requirement};
use super::syntax::{as_written, parse_parentheses, parse_separated, rest_of_element};
use crate::diagnostics::Diagnostics;

/// The value that a claim must have.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ClaimValue {
    Bool(bool),
    Integer(i64),
    Text(String),
}

/// Reads the pairs after `claim`. Several pairs become a group of which all must hold.
pub(super) fn parse_claim(
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Demand> {
    let (parentheses, content) = parse_parentheses(key, input, EXAMPLE, |_| false)?;
    if content.is_empty() {
        return Err(Error::new(parentheses, format!("`claim()` is empty: write `{EXAMPLE}`")));
    }
    let mut pairs = Vec::new();
    parse_separated(
        &content,
        diagnostics,
        |input| input.peek(LitStr),
        |input, _| {
            let (name, value) = parse_pair(input)?;
            let key = Ident::new("claim", name.span());
            pairs.push(Requirement { key, demand: Demand::Claim(name.value(), value) });
            Ok(())
        },
    );
    Ok(match (pairs.pop(), pairs.is_empty()) {
        (Some(only), true) => only.demand,
        (last, _) => {
            pairs.extend(last);
            Demand::All(pairs)
        }
    })
}

/// Reads `"name" = value`.
fn parse_pair(input: ParseStream<'_>) -> syn::Result<(LitStr, ClaimValue)> {
    let rest = rest_of_element(input);
    let Ok(name) = input.parse::<LitStr>() else {
        let write = match input.parse::<Ident>() {
            Ok(name) => format!("a claim's name stands in quotes: write `claim(\"{name}\" = \"...\")`"),
            Err(_) => format!("`claim` takes a name in quotes and its value: write `{EXAMPLE}`"),
        };
        return Err(Error::new_spanned(rest, write));
    };
    if name.value().is_empty() {
        return Err(Error::new(
            name.span(),
            format!("the name of a claim can't be empty: write `{EXAMPLE}`"),
        ));
    }
    if input.parse::<Token![=]>().is_err() {
        let write = format!("the value of the claim is missing: write `claim({:?} = \"...\")`", name.value());
        return Err(Error::new_spanned(rest, write));
    }
    if input.is_empty() || input.peek(Token![,]) {
        let write = format!("the value of the claim is missing: write `claim({:?} = \"...\")`", name.value());
        return Err(Error::new_spanned(rest, write));
    }
    let value = parse_value(&name, input)?;
    Ok((name, value))
}

fn parse_value(name: &LitStr, input: ParseStream<'_>) -> syn::Result<ClaimValue> {
    let rest = rest_of_element(input);
    let name = name.value();
    match input.parse() {
        Ok(Lit::Str(text)) if text.suffix().is_empty() => Ok(ClaimValue::Text(text.value())),
        Ok(Lit::Bool(bool)) => Ok(ClaimValue::Bool(bool.value)),
        Ok(Lit::Int(number)) => parse_integer(&number),
        other => {
            // A bare word most likely lacks its quotes, but `null` does not.
            let bare = other.is_err() && syn::parse2::<Ident>(rest.clone()).is_ok_and(|word| word != "null");
            let write = if bare { format!("{:?}", as_written(rest.clone())) } else { "\"...\"".to_owned() };
            let message = format!(
                "a claim is compared with a string, a whole number, `true` or `false`: write `claim({name:?} = {write})`, \
                 or write a `policy` for another comparison"
            );
            Err(Error::new_spanned(rest, message))
        }
    }
}

fn parse_integer(number: &LitInt) -> syn::Result<ClaimValue> {
    if !number.suffix().is_empty() {
        let message = format!("the number of a claim can't have a type: write `{}`", number.base10_digits());
        return Err(Error::new(number.span(), message));
    }
    number.base10_parse().map(ClaimValue::Integer).map_err(|_| {
        let range = format!("from {} to {}", i64::MIN, i64::MAX);
        Error::new(
            number.span(),
            format!("the number of a claim must be {range}: write a `policy` for another number"),
        )
    })
}

const EXAMPLE: &str = "claim(\"plan\" = \"pro\")";
