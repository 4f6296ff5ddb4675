//! `claim("name" = value)`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Ident, Lit, LitInt, LitStr, Token};

use super::expression::{Values, instead_of_joined_values};
use super::literal::{NO_CONSTANT, is_computed, quoted};
use super::requirement::{Demand, Requirement};
use super::syntax::{
    as_written, between, is_at_end, parse_parentheses, parse_separated, rest_of_element, split_at_commas,
    take_element,
};
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
    let (parentheses, content) = parse_parentheses(key, input, EXAMPLE, &write)?;
    if content.is_empty() {
        return Err(Error::new(parentheses, format!("`claim()` is empty: write `{EXAMPLE}`")));
    }
    let mut pairs = Vec::new();
    parse_separated(
        &content,
        diagnostics,
        |input| input.peek(LitStr),
        &instead_of_operators,
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
    let start = input.fork();
    let rest = rest_of_element(input);
    let Ok(name) = input.parse::<LitStr>() else {
        return Err(Error::new_spanned(&rest, without_name(&rest)));
    };
    if name.value().is_empty() {
        return Err(Error::new(
            name.span(),
            format!("the name of a claim can't be empty: write `{EXAMPLE}`"),
        ));
    }
    if let Some(message) = wrong_sign(&name, input)? {
        return Err(Error::new_spanned(between(&start, input), message));
    }
    if is_at_end(input) {
        let write = format!("the value of the claim is missing: write `claim({:?} = \"...\")`", name.value());
        return Err(Error::new_spanned(rest, write));
    }
    let value = parse_value(&name, input)?;
    Ok((name, value))
}

/// Takes the `=` between name and value. Returns the message if there is something else, and the value behind it.
fn wrong_sign(name: &LitStr, input: ParseStream<'_>) -> syn::Result<Option<String>> {
    let name = name.value();
    let write = |value: &TokenStream| format!("claim({name:?} = {})", value_text(value));
    if input.parse::<Option<Token![==]>>()?.is_some() {
        return Ok(Some(format!(
            "name and value are joined by one `=`: write `{}`",
            write(&take_element(input))
        )));
    }
    if input.parse::<Option<Token![!=]>>()?.is_some() {
        return Ok(Some(format!("`!=` is written `not(..)`: write `not({})`", write(&take_element(input)))));
    }
    if input.peek(Token![=>]) || input.peek(Token![:]) || (input.peek(Token![,]) && begins_value(input)) {
        let sign = if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            "=>".to_owned()
        } else {
            input.parse::<TokenTree>()?.to_string()
        };
        let write = write(&take_element(input));
        return Ok(Some(format!("name and value are joined by `=`, not by `{sign}`: write `{write}`")));
    }
    if input.parse::<Option<Token![=]>>()?.is_some() {
        return Ok(None);
    }
    let rest = take_element(input);
    if !rest.is_empty() && syn::parse2::<Lit>(rest.clone()).is_err() {
        let message = "a claim is compared by `=` alone: write a `policy` for another comparison";
        return Ok(Some(message.to_owned()));
    }
    let write = write(&rest);
    Ok(Some(format!("the value of the claim is missing: write `{write}`")))
}

/// Returns whether a value stands behind the comma, and not the name of the next claim.
fn begins_value(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.parse::<Token![,]>().is_ok() && ahead.parse::<Lit>().is_ok() && is_at_end(&ahead)
}

/// Returns the message for a pair without a name in quotes.
fn without_name(pair: &TokenStream) -> String {
    let name = |input: ParseStream<'_>| {
        let name: Ident = input.parse()?;
        let is_double = input.parse::<Option<Token![==]>>()?.is_some();
        let has_value = (is_double || input.parse::<Option<Token![=]>>()?.is_some()) && !input.is_empty();
        let value: TokenStream = input.parse()?;
        Ok((name, if has_value { value_text(&value) } else { "\"...\"".to_owned() }))
    };
    if let Some(message) = instead_of_operators(pair) {
        return message;
    }
    match name.parse2(pair.clone()) {
        Ok((name, value)) => format!("a claim's name stands in quotes: write `claim(\"{name}\" = {value})`"),
        Err(_) => format!("`claim` takes a name in quotes and its value, as in `{EXAMPLE}`"),
    }
}

/// Returns a value as it is written in the option; `"..."` if the tokens are none.
fn value_text(value: &TokenStream) -> String {
    known_value(value).unwrap_or_else(|| "\"...\"".to_owned())
}

fn known_value(value: &TokenStream) -> Option<String> {
    match syn::parse2::<Lit>(value.clone()) {
        Ok(Lit::Bool(_)) => Some(as_written(value.clone())),
        Ok(Lit::Int(number)) => Some(number.base10_digits().to_owned()),
        // `null` is no string, and no value that a claim is compared with.
        Err(_) if value.to_string() == "null" => None,
        _ => quoted(value),
    }
}

/// Returns the option for pairs that were written in another way.
fn write(values: &TokenStream) -> Option<String> {
    pairs_text(values).map(|pairs| format!("claim({pairs})"))
}

/// Returns the pairs of a `claim` whose parentheses are missing.
fn pairs_text(values: &TokenStream) -> Option<String> {
    let pair = |element: &TokenStream| {
        let read = |input: ParseStream<'_>| {
            let name: LitStr = input.parse()?;
            if input.parse::<Option<Token![:]>>()?.is_none() {
                input.parse::<Token![=]>()?;
            }
            Ok((name.value(), input.parse::<TokenStream>()?))
        };
        let (name, value) = read.parse2(element.clone()).ok()?;
        Some(format!("{name:?} = {}", known_value(&value)?))
    };
    let pairs: Option<Vec<String>> = split_at_commas(values.clone()).iter().map(pair).collect();
    pairs.filter(|pairs| !pairs.is_empty()).map(|pairs| pairs.join(", "))
}

/// Returns the message for pairs or values that are joined by operators, such as `"plan" = "pro" || "team"`.
fn instead_of_operators(element: &TokenStream) -> Option<String> {
    let first = syn::parse2::<LitStr>(element.clone().into_iter().next()?.into()).ok()?.value();
    let leaf = |tokens: &TokenStream| {
        let pair = pairs_text(tokens).or_else(|| Some(format!("{first:?} = {}", known_value(tokens)?)))?;
        Some(format!("claim({pair})"))
    };
    instead_of_joined_values(element, &Values { one: &leaf, list: &|_, _| None })
}

/// Returns `any(..)` with a claim for each value of a list.
fn one_of(name: &str, value: &TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = value.clone().into_iter().collect();
    let [TokenTree::Group(group)] = tokens.as_slice() else { return None };
    let values: Option<Vec<String>> = split_at_commas(group.stream()).iter().map(known_value).collect();
    let claims: Vec<String> = values?.iter().map(|value| format!("claim({name:?} = {value})")).collect();
    (claims.len() > 1).then(|| format!("any({})", claims.join(", ")))
}

fn parse_value(name: &LitStr, input: ParseStream<'_>) -> syn::Result<ClaimValue> {
    let rest = rest_of_element(input);
    let name = name.value();
    match input.parse() {
        Ok(Lit::Str(text)) if text.suffix().is_empty() => Ok(ClaimValue::Text(text.value())),
        Ok(Lit::Bool(bool)) => Ok(ClaimValue::Bool(bool.value)),
        Ok(Lit::Int(number)) => parse_integer(&number),
        _ => {
            let takes = "a claim is compared with a string, a whole number, `true` or `false`";
            let message = if let Some(any) = one_of(&name, &rest) {
                format!("{takes}: write `{any}` if each of these values will do")
            } else if is_computed(&rest) {
                format!("{takes}: write `claim({name:?} = \"...\")`, {NO_CONSTANT}")
            } else {
                let write = value_text(&rest);
                format!(
                    "{takes}: write `claim({name:?} = {write})`, or write a `policy` for another comparison"
                )
            };
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
