//! Types and paths: `state = Type`, `policy = path::Type` and `crate = path`.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Ident, LitStr, Path, PathArguments, Token, Type, token};

use super::syntax::{Assigned, as_written, rest_of_element, split_at_commas};
use crate::diagnostics::Diagnostics;

const STATE: Assigned = Assigned { example: "state = AppState", write: write_state };
const POLICY: Assigned = Assigned { example: "policy = owns_report", write: write_policies };
const CRATE: Assigned = Assigned { example: "crate = ::auth_runtime", write: write_root };

/// Reads `state = Type`.
pub(super) fn parse_state(key: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    STATE.parse_equals(key, input)?;
    reject_string(key, "a type", input)?;
    let rest = rest_of_element(input);
    match Type::without_plus(input) {
        Ok(Type::Infer(_) | Type::ImplTrait(_)) => Err(Error::new_spanned(
            rest,
            format!("`state` takes a type that has a name: write `{}`", STATE.example),
        )),
        Ok(state) => Ok(state),
        Err(_) => Err(Error::new_spanned(rest, format!("`state` takes a type: write `{}`", STATE.example))),
    }
}

/// Reads `policy = path::Type`.
pub(super) fn parse_policy(key: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    POLICY.parse_equals(key, input)?;
    reject_string(key, "a path", input)?;
    let rest = rest_of_element(input);
    match Type::without_plus(input) {
        // Parentheses after a path make it a call.
        Ok(policy) if is_named(&policy) && !input.peek(token::Paren) => {
            reject_operators(&rest, input)?;
            Ok(policy)
        }
        _ => Err(Error::new_spanned(&rest, {
            let takes = "`policy` takes the path of a policy, an `async fn` with `#[policy]`, and no call";
            match write_policies(&rest) {
                Some(write) => format!("{takes}: write `{write}`"),
                None => format!("{takes}, as in `{}`", POLICY.example),
            }
        })),
    }
}

/// Refuses policies that are joined by operators.
fn reject_operators(rest: &TokenStream, input: ParseStream<'_>) -> syn::Result<()> {
    let is =
        |token: &TokenTree, char: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == char);
    if input.peek(Token![|]) {
        let message = "policies are not joined by `||`: write one policy that decides by both";
        return Err(Error::new_spanned(rest, message));
    }
    if input.peek(Token![&]) {
        let tokens: Vec<TokenTree> = rest.clone().into_iter().collect();
        let names: Vec<TokenStream> = tokens
            .split(|token| is(token, '&'))
            .filter(|name| !name.is_empty())
            .map(|name| name.iter().cloned().collect())
            .collect();
        let write: Option<Vec<String>> = names.iter().map(write_policies).collect();
        let write = write.map_or_else(|| POLICY.example.to_owned(), |options| options.join(", "));
        let message = format!("policies are not joined by `&&`: write `{write}`");
        return Err(Error::new_spanned(rest, message));
    }
    Ok(())
}

/// Returns `state` with a type that was written in the wrong place, or in quotes.
fn write_state(value: &TokenStream) -> Option<String> {
    let value = out_of_quotes(value)?;
    let ty = syn::parse2::<Type>(value.clone()).ok()?;
    let has_name = !matches!(ty, Type::Infer(_) | Type::ImplTrait(_));
    has_name.then(|| format!("state = {}", as_written(value)))
}

/// Returns a `policy` for each of the paths, which may stand in brackets or be called.
fn write_policies(value: &TokenStream) -> Option<String> {
    let tokens: Vec<TokenTree> = value.clone().into_iter().collect();
    let elements = match tokens.as_slice() {
        [TokenTree::Group(group)] => split_at_commas(group.stream()),
        _ => split_at_commas(value.clone()),
    };
    let options: Option<Vec<String>> = elements.iter().map(write_policy).collect();
    options.filter(|options| !options.is_empty()).map(|options| options.join(", "))
}

fn write_policy(value: &TokenStream) -> Option<String> {
    let mut tokens: Vec<TokenTree> = out_of_quotes(value)?.into_iter().collect();
    // A call names the policy before its arguments.
    tokens.pop_if(|last| matches!(last, TokenTree::Group(_)));
    let path: TokenStream = tokens.into_iter().collect();
    let ty = syn::parse2::<Type>(path.clone()).ok()?;
    is_named(&ty).then(|| format!("policy = {}", as_written(path)))
}

/// Returns `crate` with a path that was written in the wrong place.
fn write_root(value: &TokenStream) -> Option<String> {
    let path = Path::parse_mod_style.parse2(out_of_quotes(value)?).ok()?;
    Some(format!("crate = {}", absolute(&path)))
}

/// Returns the tokens in a string, or the tokens themselves.
fn out_of_quotes(value: &TokenStream) -> Option<TokenStream> {
    match syn::parse2::<LitStr>(value.clone()) {
        Ok(text) => text.parse().ok(),
        Err(_) => Some(value.clone()),
    }
}

/// Returns whether the type is a path, and not such as `(A, B)` or a call.
fn is_named(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_named(&group.elem),
        Type::Path(path) => {
            let call = |arguments: &PathArguments| matches!(arguments, PathArguments::Parenthesized(_));
            !path.path.segments.iter().any(|segment| call(&segment.arguments))
        }
        _ => false,
    }
}

/// Reads `crate = path`.
///
/// A path that is wrong only in its form is used nevertheless, so that the one mistake is not followed by
/// an error for each name in the generated code.
pub(super) fn parse_root(
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Path> {
    CRATE.parse_equals(key, input)?;
    if let Ok(text) = input.fork().parse::<LitStr>()
        && let Ok(path) = text.parse_with(Path::parse_mod_style)
    {
        let write = format!("`crate` takes a path, not a string: write `crate = {}`", absolute(&path));
        diagnostics.report(text.span(), write);
        input.parse::<LitStr>()?;
        return Ok(path);
    }
    let rest = rest_of_element(input);
    let wrong =
        || Error::new_spanned(rest, format!("`crate` takes an absolute path: write `{}`", CRATE.example));
    let Ok(path) = Path::parse_mod_style(input) else { return Err(wrong()) };
    if input.peek(Token![<]) {
        return Err(wrong());
    }
    if !is_absolute(&path) {
        let message = format!(
            "`crate` takes an absolute path, because a relative one depends on where the handler stands: write `crate = {}`",
            absolute(&path)
        );
        diagnostics.report_syntax(Error::new_spanned(&path, message));
    }
    Ok(path)
}

/// Refuses a string where `takes` belongs. Its text is most likely what was meant.
fn reject_string(key: &Ident, takes: &str, input: ParseStream<'_>) -> syn::Result<()> {
    let Ok(text) = input.fork().parse::<LitStr>() else { return Ok(()) };
    let write = format!("`{key}` takes {takes}, not a string: write `{key} = {}`", text.value());
    Err(Error::new(text.span(), write))
}

fn is_absolute(path: &Path) -> bool {
    path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate")
}

/// Returns the absolute path that `path` most likely means, as text.
fn absolute(path: &Path) -> String {
    let mut words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    if path.leading_colon.is_none() && words.first().is_some_and(|first| first == "crate") {
        return words.join("::");
    }
    let written = words.len();
    words.retain(|word| word != "self" && word != "super");
    let root = if words.len() < written { "crate::..." } else { "" };
    format!("{root}::{}", words.join("::"))
}
