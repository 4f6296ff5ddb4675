//! Types and paths: `state = Type`, `policy = path::Type` and `crate = path`.

use syn::parse::ParseStream;
use syn::{Error, Ident, LitStr, Path, PathArguments, Token, Type, token};

use super::syntax::{Assigned, rest_of_element};
use crate::diagnostics::Diagnostics;

const STATE: Assigned = Assigned { example: "state = AppState", quoted: false };
const POLICY: Assigned = Assigned { example: "policy = owns_report", quoted: false };
const CRATE: Assigned = Assigned { example: "crate = ::auth_runtime", quoted: false };

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
        Ok(policy) if is_named(&policy) && !input.peek(token::Paren) => Ok(policy),
        _ => Err(Error::new_spanned(
            rest,
            format!(
                "`policy` takes the path of a policy, an `async fn` with `#[policy]`, and no call: write `{}`",
                POLICY.example
            ),
        )),
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
