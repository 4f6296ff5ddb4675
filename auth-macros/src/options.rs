//! The attribute's arguments as written.
//!
//! Single-option mistakes are found here; what concerns several options, or an option and the handler, is
//! found in `requirements.rs`.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Ident, LitStr, Path, Token, Type, token};

use crate::diagnostics::Diagnostics;

/// The arguments of one attribute. Broken ones are reported and left out.
pub(crate) struct Options {
    /// `state = Type`
    pub(crate) state: Once<Type>,
    /// `crate = path`
    pub(crate) root: Once<Path>,
}

impl Options {
    /// Reads all arguments; a mistake in one does not hide mistakes in the next.
    pub(crate) fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut options = Self { state: Once::new("state"), root: Once::new("crate") };
        let read = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = options.parse_one(input, diagnostics) {
                    diagnostics.report_syntax(error);
                    skip_to_comma(input);
                }
                parse_separator(input, diagnostics);
            }
            Ok(())
        };
        if let Err(error) = read.parse2(arguments) {
            diagnostics.report_syntax(error);
        }
        options
    }

    fn parse_one(&mut self, input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
        let key = parse_key(input)?;
        match key.unraw().to_string().as_str() {
            "state" => {
                let state = parse_state(&key, input)?;
                self.state.set(key.span(), state, diagnostics);
            }
            "crate" => {
                let root = parse_root(&key, input, diagnostics)?;
                self.root.set(key.span(), root, diagnostics);
            }
            other => return Err(syn::Error::new(key.span(), unknown(other))),
        }
        Ok(())
    }
}

/// An option that may be written once. Keeps where its key was written.
pub(crate) struct Once<T> {
    name: &'static str,
    written: Option<(Span, T)>,
}

impl<T> Once<T> {
    fn new(name: &'static str) -> Self {
        Self { name, written: None }
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.written.as_ref().map(|(_, value)| value)
    }

    /// Where the option's name was written.
    pub(crate) fn key(&self) -> Option<Span> {
        self.written.as_ref().map(|(key, _)| *key)
    }

    /// The one place that decides what "written twice" means: the first stays, the second is a mistake.
    fn set(&mut self, key: Span, value: T, diagnostics: &mut Diagnostics) {
        if self.key().is_some() {
            diagnostics.report(key, format!("`{}` is written twice: keep one of them", self.name));
        } else {
            self.written = Some((key, value));
        }
    }
}

fn parse_key(input: ParseStream<'_>) -> syn::Result<Ident> {
    if input.peek(Token![,]) {
        return Err(input.error("an option is missing before this `,`: remove the `,`"));
    }
    if !input.peek(Ident::peek_any) {
        return Err(
            input.error("an option starts with its name: write `name = value`, such as `state = AppState`")
        );
    }
    Ident::parse_any(input)
}

/// Takes the `,` between two options.
fn parse_separator(input: ParseStream<'_>, diagnostics: &mut Diagnostics) {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return;
    }
    if input.peek(Ident::peek_any) && (input.peek2(Token![=]) || input.peek2(token::Paren)) {
        // The next option is complete: read it as if the comma were there.
        diagnostics.report(input.span(), format!("a `,` is missing before `{}`", first_word(input)));
        return;
    }
    diagnostics
        .report(input.span(), "the value of the option ends before this: write `,` between two options");
    skip_to_comma(input);
    let _ = input.parse::<Token![,]>();
}

fn parse_state(key: &Ident, input: ParseStream<'_>) -> syn::Result<Type> {
    const WRITE: &str = "write the type of the router's state: `state = AppState`";
    parse_equals(key, input, "state = AppState")?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), format!("`state` has no value: {WRITE}")));
    }
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let write = format!("`state` takes a type, not a string: write `state = {}`", text.value());
        return Err(syn::Error::new(text.span(), write));
    }
    let start = input.span();
    match Type::without_plus(input) {
        Ok(Type::Infer(_) | Type::ImplTrait(_)) => {
            Err(syn::Error::new(start, format!("`state` takes a type that has a name: {WRITE}")))
        }
        Ok(state) => Ok(state),
        Err(_) => Err(syn::Error::new(start, format!("`state` takes a type: {WRITE}"))),
    }
}

/// Reads `crate = path`.
///
/// A path that is wrong only in its form is used nevertheless, so that the one mistake is not followed by
/// an error for each name in the generated code.
fn parse_root(key: &Ident, input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<Path> {
    const WRITE: &str = "write an absolute path: `crate = ::auth_runtime`";
    parse_equals(key, input, "crate = ::auth_runtime")?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), format!("`crate` has no value: {WRITE}")));
    }
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let Ok(path) = text.parse_with(Path::parse_mod_style) else {
            return Err(syn::Error::new(text.span(), format!("`crate` takes a path, not a string: {WRITE}")));
        };
        let write = format!("`crate` takes a path, not a string: write `crate = {}`", absolute(&path));
        diagnostics.report(text.span(), write);
        input.parse::<LitStr>()?;
        return Ok(path);
    }
    let start = input.span();
    let Ok(path) = Path::parse_mod_style(input) else {
        return Err(syn::Error::new(start, format!("`crate` takes a path: {WRITE}")));
    };
    if input.peek(Token![<]) {
        return Err(input.error(format!("`crate` takes the path of a crate, without `<...>`: {WRITE}")));
    }
    if !is_absolute(&path) {
        let write = format!(
            "`crate` takes an absolute path, because a relative one depends on where the handler stands: write `crate = {}`",
            absolute(&path)
        );
        diagnostics.report(start, write);
    }
    Ok(path)
}

/// Takes the `=` after a key; everything that stands there instead has its own message.
fn parse_equals(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<()> {
    if input.parse::<Token![=]>().is_ok() {
        return Ok(());
    }
    if let Ok(TokenTree::Group(group)) = input.fork().parse::<TokenTree>() {
        let delimiters = match group.delimiter() {
            Delimiter::Parenthesis => "(...)",
            Delimiter::Brace => "{...}",
            Delimiter::Bracket => "[...]",
            Delimiter::None => "a group",
        };
        let message = format!("`{key}` takes its value after `=`, not in `{delimiters}`: write `{example}`");
        return Err(syn::Error::new(group.span_open(), message));
    }
    Err(syn::Error::new(key.span(), format!("`{key}` needs a value: write `{example}`")))
}

fn is_absolute(path: &Path) -> bool {
    path.leading_colon.is_some() || path.segments.first().is_some_and(|first| first.ident == "crate")
}

/// The absolute path that `path` most likely means, as text.
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

/// Moves on to the `,` that ends the current option. The commas in `<A, B>` do not.
fn skip_to_comma(input: ParseStream<'_>) {
    let mut depth = 0_u32;
    let mut previous = ' ';
    while !input.is_empty() && (depth > 0 || !input.peek(Token![,])) {
        let Ok(token) = input.call(TokenTree::parse) else { return };
        let current = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        match current {
            '<' => depth = depth.saturating_add(1),
            // Not in `->` and `=>`.
            '>' if previous != '-' && previous != '=' => depth = depth.saturating_sub(1),
            _ => {}
        }
        previous = current;
    }
}

fn first_word(input: ParseStream<'_>) -> String {
    input.fork().parse::<TokenTree>().map(|token| token.to_string()).unwrap_or_default()
}

fn unknown(name: &str) -> String {
    if LATER.contains(&name) {
        return format!("`{name}` is not available in this version of auth-runtime: remove it");
    }
    let Some(near) = nearest(name) else {
        let known = KNOWN.map(|known| format!("`{known}`")).join(" and ");
        return format!("unknown option `{name}`: the options are {known}");
    };
    if LATER.contains(&near) {
        return format!(
            "unknown option `{name}`: did you mean `{near}`? It is not available in this version of auth-runtime"
        );
    }
    format!("unknown option `{name}`: did you mean `{near}`?")
}

/// The option whose name is close enough to `name` to be a slip of the pen.
fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let near = |candidate: &str| distance(&name, candidate) <= candidate.len().div_ceil(3);
    KNOWN
        .iter()
        .chain(LATER)
        .copied()
        .filter(|candidate| near(candidate))
        .min_by_key(|candidate| distance(&name, candidate))
}

/// How many characters must be inserted, removed or replaced to get from `a` to `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (removed, from) in a.chars().enumerate() {
        let mut diagonal = removed;
        let mut left = removed.saturating_add(1);
        let mut next = vec![left];
        for (to, &above) in b.chars().zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(from != to));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The options of this version.
const KNOWN: [&str; 2] = ["state", "crate"];

/// Options that are promised for a later version: named in messages, never accepted and ignored.
const LATER: &[&str] = &[
    "acr",
    "all",
    "amr",
    "any",
    "cache",
    "claim",
    "login",
    "max_age",
    "not",
    "optional",
    "org",
    "permissions",
    "policy",
    "roles",
    "scopes",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("state", "state", 0),
            ("stat", "state", 1),
            ("krate", "crate", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), edits, "{a} -> {b}");
        }
    }

    #[test]
    fn only_slips_of_the_pen_get_a_suggestion() {
        for (name, near) in [
            ("stat", Some("state")),
            ("State", Some("state")),
            ("krate", Some("crate")),
            ("scop", Some("scopes")),
            ("scope", Some("scopes")),
            ("role", Some("roles")),
            ("maxage", Some("max_age")),
            ("colour", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name), near, "{name}");
        }
    }
}
