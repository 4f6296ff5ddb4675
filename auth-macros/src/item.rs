//! An item as written; and if it is a function, whether it can be a handler.
//!
//! Attributes, visibility and signature are parsed. The body stays raw tokens: a mistake in it is rustc's to report,
//! and must not make the handler disappear.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, Pat, ReturnType, Safety, Signature, Token, Type, Visibility};

use crate::diagnostics::Diagnostics;
use crate::kind::Kind;

/// An item: its attributes, its kind, and its function if it is one.
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) kind: Kind,
    /// Place of the word that says the kind.
    pub(crate) at: Span,
    /// The function, if the item is one.
    pub(crate) function: Option<Function>,
    whole: TokenStream,
}

/// An `async fn` that can be a handler.
pub(crate) struct Handler {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// Attributes `#![...]` at the start of the body: they may stand only there.
    pub(crate) inner_attributes: Vec<Attribute>,
    /// The body without its inner attributes, in its own braces.
    pub(crate) body: Group,
}

/// Any function, before it is known whether it is a handler.
pub(crate) struct Function {
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The body; `None` if the function ends with `;`.
    pub(crate) body: Option<Group>,
}

/// The reason to take a function for a handler. Where it can't be one, the message depends on it.
#[derive(Clone, Copy)]
pub(crate) enum Intent {
    /// An attribute of its own says that it is a handler.
    Handler,
    /// The function stands among handlers, and may be something else.
    Unsaid,
}

impl Item {
    pub(crate) fn parse(whole: TokenStream) -> syn::Result<Self> {
        let read = |input: ParseStream<'_>| {
            let attributes = input.call(Attribute::parse_outer)?;
            let visibility = input.parse()?;
            let (kind, at) = Kind::of(input);
            let function = if kind == Kind::Function {
                let signature = input.parse()?;
                let body = parse_body(input)?;
                Some(Function { visibility, signature, body })
            } else {
                input.parse::<TokenStream>()?;
                None
            };
            Ok((attributes, kind, at, function))
        };
        let (attributes, kind, at, function) = read.parse2(whole.clone())?;
        Ok(Self { attributes, kind, at, function, whole })
    }

    /// Returns the item as it was written, without its outer attributes.
    pub(crate) fn without_attributes(&self) -> TokenStream {
        let read = |input: ParseStream<'_>| {
            input.call(Attribute::parse_outer)?;
            input.parse()
        };
        // The attributes were read before, so they can be read again.
        read.parse2(self.whole.clone()).unwrap_or_else(|_| self.whole.clone())
    }

    /// Returns the item as a handler. An item that can't be one is reported, and returned as it came.
    pub(crate) fn into_handler(
        mut self,
        intent: Intent,
        diagnostics: &mut Diagnostics,
    ) -> Result<Box<Handler>, TokenStream> {
        let fit = |function: &mut Function| function.is_fit(intent, diagnostics);
        match self.function.take_if(fit) {
            Some(Function { visibility, signature, body: Some(body) }) => {
                let (inner_attributes, body) = split_inner_attributes(body);
                let attributes = self.attributes;
                Ok(Box::new(Handler { attributes, visibility, signature, inner_attributes, body }))
            }
            _ => Err(self.into_tokens()),
        }
    }

    /// Returns the item as it was written, with the attributes that are left.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let item = self.without_attributes();
        let attributes = self.attributes;
        quote!(#(#attributes)* #item)
    }
}

impl Function {
    /// Reports everything that keeps the function from being a handler. Returns whether there is nothing.
    fn is_fit(&self, intent: Intent, diagnostics: &mut Diagnostics) -> bool {
        let mut obstacles = obstacles(&self.signature);
        if self.body.is_none() && obstacles.is_empty() {
            let message = "a handler needs a body: write `{ ... }` instead of `;`. A function of a trait can't be a \
                           handler, because it can't get another parameter";
            obstacles.push((self.signature.ident.span(), message.to_owned()));
        }
        let fit = obstacles.is_empty();
        let otherwise = match intent {
            Intent::Handler => "",
            Intent::Unsaid => "; if it is no handler, put `#[helper]` on it",
        };
        for (span, message) in obstacles {
            diagnostics.report(span, format!("{message}{otherwise}"));
        }
        fit
    }
}

impl Handler {
    /// Returns whether a parameter gives the body a variable of this name.
    pub(crate) fn binds(&self, name: &str) -> bool {
        self.patterns().any(|pattern| binds(pattern, name))
    }

    /// Returns the number of parameters that are there for certain: those under `#[cfg]` may go away.
    pub(crate) fn parameters(&self) -> usize {
        let conditional = |input: &&FnArg| match input {
            FnArg::Typed(typed) => is_conditional(&typed.attrs),
            FnArg::Receiver(_) => false,
        };
        self.signature.inputs.iter().filter(|input| !conditional(input)).count()
    }

    /// Returns whether an attribute of ours put the first parameter there, by the name of its type.
    pub(crate) fn starts_with(&self, extractor: &str) -> bool {
        starts_with(&self.signature, extractor)
    }

    /// Returns whether `#[public]` was expanded before.
    pub(crate) fn is_public(&self) -> bool {
        self.starts_with("Public") || self.starts_with("PublicGuard")
    }

    fn patterns(&self) -> impl Iterator<Item = &Pat> {
        self.signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => Some(&*typed.pat),
            FnArg::Receiver(_) => None,
        })
    }
}

/// Returns whether `pattern` binds a variable of this name. A pattern written as a macro call is taken not to.
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

/// Returns whether an attribute of ours put the first parameter there, by the name of its type.
pub(crate) fn starts_with(signature: &Signature, extractor: &str) -> bool {
    let Some(FnArg::Typed(first)) = signature.inputs.first() else { return false };
    let Type::Path(first) = &*first.ty else { return false };
    let mut names = first.path.segments.iter().rev().map(|segment| &segment.ident);
    names.next().is_some_and(|name| name == extractor)
        && names.next().is_some_and(|module| module == "__private")
}

/// Returns everything that keeps a function from being a handler: each place, and its message.
fn obstacles(signature: &Signature) -> Vec<(Span, String)> {
    let name = &signature.ident;
    let mut found = Vec::new();
    if signature.asyncness.is_none() && signature.constness.is_none() {
        let message = format!("a handler is asynchronous: write `async fn {name}`");
        found.push((signature.fn_token.span, message));
    }
    if let Some(constness) = &signature.constness {
        found.push((
            constness.span,
            format!("a handler is asynchronous, which a `const fn` can't be: write `async fn {name}`"),
        ));
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        let message = format!(
            "axum calls a handler from safe code: write `async fn {name}`, and put an `unsafe` block into it"
        );
        found.push((unsafety.span, message));
    }
    if let Some(abi) = &signature.abi {
        let message = format!("a handler is called from Rust: write `async fn {name}` without `extern`");
        found.push((abi.span(), message));
    }
    if let Some(receiver) = signature.receiver() {
        let message = "axum calls a handler without a value of this type, so it can't take `self`: make it a free \
                       function, and take what it needs from the router's state, `State(state): State<AppState>`";
        found.push((receiver.self_token.span, message.to_owned()));
    }
    if let Some(variadic) = &signature.variadic {
        found.push((variadic.dots.span(), "a handler can't be variadic: remove `...`".to_owned()));
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && let Type::Never(never) = &**ty
    {
        let message = "a handler's return type is a response: write `-> std::convert::Infallible` for a handler \
                       that never answers";
        found.push((never.span(), message.to_owned()));
    }
    found
}

/// Reads the body in its braces; `None` for a function that ends with `;`.
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
    Err(syn::Error::new(start, "the body of the function is missing: write it in `{ ... }`"))
}

/// Returns the inner attributes of a body, and the body without them.
pub(crate) fn split_inner_attributes(body: Group) -> (Vec<Attribute>, Group) {
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

/// Returns whether a `#[cfg]` is among the attributes.
pub(crate) fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

/// Returns whether some attribute may look at the parameters of the function below it, or add one.
pub(crate) fn look_at_parameters(attributes: &[Attribute]) -> bool {
    !attributes.iter().all(is_inert)
}

/// Returns whether the compiler itself knows the attribute, so that it does not look at the parameters.
fn is_inert(attribute: &Attribute) -> bool {
    let path = attribute.path();
    match path.get_ident() {
        Some(name) => INERT.iter().any(|inert| name == inert),
        None => path.segments.first().is_some_and(|tool| TOOLS.iter().any(|name| tool.ident == name)),
    }
}

/// Attributes of the compiler that leave the parameters alone.
const INERT: [&str; 12] = [
    "allow",
    "cfg",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

/// Tools whose attributes the compiler ignores.
const TOOLS: [&str; 3] = ["clippy", "diagnostic", "rustfmt"];
