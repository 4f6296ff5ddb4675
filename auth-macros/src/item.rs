//! The item under the attribute, as written.
//!
//! Attributes, visibility and signature are parsed. The body stays raw tokens: a mistake in it is rustc's to
//! report, and must not make the handler disappear.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Ident, LitStr, Pat, ReturnType, Safety, Signature, Token, Type, Visibility};

use crate::diagnostics::Diagnostics;

/// What the attribute stands on.
pub(crate) enum Item {
    Handler(Box<Handler>),
    /// Reported already; goes back to the compiler as it came.
    Unfit(TokenStream),
}

/// An `async fn` that can be a handler.
pub(crate) struct Handler {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// `#![...]` at the start of the body: they may stand only there.
    pub(crate) inner_attributes: Vec<Attribute>,
    /// The body without its inner attributes, in its own braces.
    pub(crate) body: Group,
}

impl Item {
    pub(crate) fn parse(item: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let read = |input: ParseStream<'_>| {
            let attributes = input.call(Attribute::parse_outer)?;
            let visibility = input.parse()?;
            if let Some((span, message)) = misplaced(input) {
                diagnostics.report(span, message);
                input.parse::<TokenStream>()?;
                return Ok(None);
            }
            let signature: Signature = input.parse()?;
            let fit = check_signature(&signature, diagnostics);
            let Some(body) = parse_body(input)? else {
                diagnostics.report(
                    signature.ident.span(),
                    "a handler has a body: write `{ ... }` instead of `;`, and in a trait put the attribute on the \
                     functions that implement it",
                );
                return Ok(None);
            };
            let (inner_attributes, body) = split_inner_attributes(body);
            let handler = Handler { attributes, visibility, signature, inner_attributes, body };
            Ok(fit.then(|| Box::new(handler)))
        };
        match read.parse2(item.clone()) {
            Ok(Some(handler)) => Self::Handler(handler),
            Ok(None) => Self::Unfit(item),
            Err(error) => {
                diagnostics.report_syntax(error);
                Self::Unfit(item)
            }
        }
    }
}

impl Handler {
    /// Whether a parameter gives the body a variable of this name.
    pub(crate) fn binds(&self, name: &str) -> bool {
        self.patterns().any(|pattern| binds(pattern, name))
    }

    /// How many parameters are there for certain: those under `#[cfg]` may go away.
    pub(crate) fn parameters(&self) -> usize {
        let conditional = |input: &&FnArg| match input {
            FnArg::Typed(typed) => typed.attrs.iter().any(|attribute| attribute.path().is_ident("cfg")),
            FnArg::Receiver(_) => false,
        };
        self.signature.inputs.iter().filter(|input| !conditional(input)).count()
    }

    fn patterns(&self) -> impl Iterator<Item = &Pat> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.pat),
            FnArg::Receiver(_) => None,
        })
    }
}

/// Whether `pattern` binds a variable of this name. A pattern written as a macro call is taken not to.
fn binds(pattern: &Pat, name: &str) -> bool {
    let among = |pattern: &Pat| binds(pattern, name);
    match pattern {
        Pat::Ident(binding) => {
            binding.ident.unraw() == name
                || binding.subpat.as_ref().is_some_and(|(_, pattern)| binds(pattern, name))
        }
        Pat::Guard(guard) => binds(&guard.pat, name),
        Pat::Or(or) => or.cases.iter().any(among),
        Pat::Paren(paren) => binds(&paren.pat, name),
        Pat::Reference(reference) => binds(&reference.pat, name),
        Pat::Slice(slice) => slice.elems.iter().any(among),
        Pat::Struct(fields) => fields.fields.iter().any(|field| binds(&field.pat, name)),
        Pat::Tuple(tuple) => tuple.elems.iter().any(among),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(among),
        Pat::Type(typed) => binds(&typed.pat, name),
        // Constants, literals, ranges, `_` and `..` bind nothing.
        _ => false,
    }
}

/// Reports everything that keeps the function from being a handler.
fn check_signature(signature: &Signature, diagnostics: &mut Diagnostics) -> bool {
    let name = &signature.ident;
    let mut fit = true;
    let mut report = |span: Span, message: String| {
        diagnostics.report(span, message);
        fit = false;
    };
    if signature.asyncness.is_none() && signature.constness.is_none() {
        let message = format!("a handler is asynchronous: write `async fn {name}`");
        report(signature.fn_token.span, message);
    }
    if let Some(constness) = &signature.constness {
        report(
            constness.span,
            format!("a handler is asynchronous, which a `const fn` can't be: write `async fn {name}`"),
        );
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        let message = format!(
            "axum calls a handler from safe code: write `async fn {name}`, and put an `unsafe` block into it"
        );
        report(unsafety.span, message);
    }
    if let Some(abi) = &signature.abi {
        report(
            abi.span(),
            format!("a handler is called from Rust: write `async fn {name}` without `extern`"),
        );
    }
    if let Some(FnArg::Receiver(receiver)) = signature.inputs.first() {
        let message = "axum calls a handler without a value, so it has no `self`: make it a free function, and \
                       take what it needs from the router's state, `State(state): State<AppState>`";
        report(receiver.self_token.span, message.to_owned());
    }
    if let Some(variadic) = &signature.variadic {
        report(variadic.dots.span(), "a handler names each of its parameters: remove `...`".to_owned());
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && let Type::Never(never) = &**ty
    {
        let message = "a handler's return type is a response: write `-> std::convert::Infallible` for one that \
                       never answers";
        report(never.span(), message.to_owned());
    }
    fit
}

/// The body in its braces; `None` for a function that ends with `;`.
fn parse_body(input: ParseStream<'_>) -> syn::Result<Option<Group>> {
    if input.parse::<Option<Token![;]>>()?.is_some() {
        return Ok(None);
    }
    let start = input.span();
    let mut body: TokenTree = input.parse()?;
    // A body that went through `$body:block` of a macro comes in an invisible group.
    while let TokenTree::Group(group) = &body {
        match group.delimiter() {
            Delimiter::Brace => return Ok(Some(group.clone())),
            Delimiter::None => {}
            _ => break,
        }
        let Some(inner) = group.stream().into_iter().next() else { break };
        body = inner;
    }
    Err(syn::Error::new(start, "expected the body of the function in `{ ... }`"))
}

fn split_inner_attributes(body: Group) -> (Vec<Attribute>, Group) {
    let split = |input: ParseStream<'_>| Ok((input.call(Attribute::parse_inner)?, input.parse()?));
    match split.parse2(body.stream()) {
        Ok((attributes, rest)) if !attributes.is_empty() => {
            let mut remaining = Group::new(body.delimiter(), rest);
            remaining.set_span(body.span());
            (attributes, remaining)
        }
        // Unchanged, so that its braces keep their own spans.
        _ => (Vec::new(), body),
    }
}

/// What stands there if it is no function, with the text to write instead.
///
/// Looks at the leading keywords only, so that new syntax inside the item can't change the answer.
fn misplaced(input: ParseStream<'_>) -> Option<(Span, String)> {
    let ahead = input.fork();
    skip_qualifiers(&ahead);
    let span = ahead.span();
    if ahead.peek(Token![fn]) {
        return None;
    }
    let message = if ahead.peek(Token![mod]) {
        let out_of_line = ahead.peek3(Token![;]);
        if out_of_line { on_module_file() } else { on_each("module") }
    } else if ahead.peek(Token![impl]) {
        on_each("`impl` block")
    } else if ahead.peek(Token![extern]) {
        if ahead.peek2(Token![crate]) { never_a_handler("an `extern crate`") } else { on_extern_block() }
    } else if let Some(kind) = named_kind(&ahead) {
        never_a_handler(kind)
    } else if is_macro_call(&ahead) {
        on_macro_call()
    } else if is_closure(&ahead) {
        on_closure()
    } else {
        never_a_handler("an expression or statement")
    };
    Some((span, message))
}

/// Moves over the words that may come before the one that names the kind of item.
fn skip_qualifiers(ahead: ParseStream<'_>) {
    loop {
        let qualifies = if ahead.peek(Token![const]) {
            ahead.peek2(Token![async])
                || ahead.peek2(Token![unsafe])
                || ahead.peek2(Token![extern])
                || ahead.peek2(Token![fn])
                || ahead.peek2(Token![impl])
        } else if ahead.peek(Token![async]) {
            ahead.peek2(Token![fn]) || ahead.peek2(Token![unsafe]) || ahead.peek2(Token![extern])
        } else if ahead.peek(Token![extern]) {
            ahead.peek2(Token![fn]) || (ahead.peek2(LitStr) && ahead.peek3(Token![fn]))
        } else {
            ahead.peek(LitStr)
                || ahead.peek(Token![unsafe])
                || ["auto", "default", "safe"]
                    .iter()
                    .any(|word| is_word(ahead, word) && ahead.peek2(Ident::peek_any))
        };
        if !qualifies || ahead.call(TokenTree::parse).is_err() {
            return;
        }
    }
}

fn named_kind(ahead: ParseStream<'_>) -> Option<&'static str> {
    Some(if ahead.peek(Token![struct]) {
        "a struct"
    } else if ahead.peek(Token![enum]) {
        "an enum"
    } else if is_word(ahead, "union") && ahead.peek2(Ident) {
        "a union"
    } else if ahead.peek(Token![trait]) {
        "a trait"
    } else if ahead.peek(Token![type]) {
        "a type alias"
    } else if ahead.peek(Token![const]) {
        "a constant"
    } else if ahead.peek(Token![static]) {
        "a static"
    } else if ahead.peek(Token![use]) {
        "a `use`"
    } else if is_word(ahead, "macro_rules") || (ahead.peek(Token![macro]) && ahead.peek2(Ident)) {
        "a macro definition"
    } else {
        return None;
    })
}

fn is_word(ahead: ParseStream<'_>, word: &str) -> bool {
    ahead.fork().call(Ident::parse_any).is_ok_and(|ident| ident == word)
}

fn is_macro_call(ahead: ParseStream<'_>) -> bool {
    let ahead = ahead.fork();
    ahead.call(syn::Path::parse_mod_style).is_ok() && ahead.peek(Token![!]) && !ahead.peek(Token![!=])
}

fn is_closure(ahead: ParseStream<'_>) -> bool {
    let ahead = ahead.fork();
    while ahead.peek(Token![async]) || ahead.peek(Token![move]) || ahead.peek(Token![static]) {
        if ahead.call(TokenTree::parse).is_err() {
            return false;
        }
    }
    ahead.peek(Token![|]) || ahead.peek(Token![||])
}

fn never_a_handler(kind: &str) -> String {
    format!(
        "{kind} is not a handler: put `#[with_api_auth_required]` on the `async fn` that answers the request"
    )
}

fn on_each(kind: &str) -> String {
    format!(
        "this version of auth-runtime protects single functions, not a whole {kind}: put `#[with_api_auth_required]` \
         on each handler in it"
    )
}

fn on_module_file() -> String {
    "the attribute can't see into the file of a module: put `#[with_api_auth_required]` on each handler in that file"
        .to_owned()
}

fn on_extern_block() -> String {
    "an `extern` block declares functions of another language: write an `async fn` that calls them, and put \
     `#[with_api_auth_required]` on that"
        .to_owned()
}

fn on_macro_call() -> String {
    "the attribute can't see what a macro call expands to: put `#[with_api_auth_required]` on the `async fn` inside \
     the macro"
        .to_owned()
}

fn on_closure() -> String {
    "a closure can't be a handler with `#[with_api_auth_required]`: write it as an `async fn` and put the attribute \
     on that"
        .to_owned()
}
