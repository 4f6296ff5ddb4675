//! The function under `#[policy]`, and whether it can be a policy.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{FnArg, GenericParam, PatType, ReturnType, Safety, Signature, Type, Visibility};

use crate::diagnostics::Diagnostics;
use crate::item::{Item, starts_with};
use crate::kind::Kind;
use crate::options::as_written;

/// A function that is a policy.
pub(crate) struct PolicyFunction {
    /// The `#[cfg]`s of the function.
    pub(crate) conditions: Vec<syn::Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// True if a mistake was reported, so that the function is never called.
    pub(crate) is_broken: bool,
    /// The function as it was written.
    pub(crate) item: TokenStream,
}

impl PolicyFunction {
    /// Reads the function. An item beside which no type of its name can stand is reported, and returned as it came.
    pub(crate) fn parse(whole: TokenStream, diagnostics: &mut Diagnostics) -> Result<Self, TokenStream> {
        let item = match Item::parse(whole.clone()) {
            Ok(item) => item,
            Err(error) => {
                diagnostics.report_syntax(error);
                return Err(whole);
            }
        };
        let Some(function) = item.function else {
            if item.kind == Kind::Function {
                return Err(whole);
            }
            let message = "`#[policy]` stands on a function that decides: write `#[policy] async fn name(..) -> Decision`";
            diagnostics.report(item.at, message);
            return Err(whole);
        };
        let mut signature = function.signature;
        if let Some((span, message)) = misplaced(&signature) {
            diagnostics.report(span, message);
            return Err(whole);
        }
        let mistakes = mistakes(&signature);
        let is_broken = !mistakes.is_empty();
        for (span, message) in mistakes {
            diagnostics.report(span, message);
        }
        // A lifetime was reported, and no type could use it.
        let params = std::mem::take(&mut signature.generics.params);
        signature.generics.params =
            params.into_iter().filter(|param| !matches!(param, GenericParam::Lifetime(_))).collect();
        let mut conditions = item.attributes;
        conditions.retain(|attribute| attribute.path().is_ident("cfg"));
        Ok(Self { conditions, visibility: function.visibility, signature, is_broken, item: whole })
    }

    /// Returns the parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &PatType> {
        parameters(&self.signature)
    }
}

fn parameters(signature: &Signature) -> impl Iterator<Item = &PatType> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(parameter),
        FnArg::Receiver(_) => None,
    })
}

/// Returns why the function stands in a place where a policy can't.
fn misplaced(signature: &Signature) -> Option<(Span, &'static str)> {
    if let Some(receiver) = signature.receiver() {
        let message = "a policy is asked without a value, so it has no `self`: make it a free function, and take what \
                       it needs from the router's state, `State(state): State<AppState>`";
        return Some((receiver.self_token.span, message));
    }
    if starts_with(signature, "Guard") {
        let message = "the `#[with_api_auth_required]` around this policy takes it for a handler: put `#[helper]` \
                       beside `#[policy]`, or write the policy outside";
        return Some((signature.ident.span(), message));
    }
    None
}

/// Returns everything that keeps the function from being a policy: each place, and its message.
fn mistakes(signature: &Signature) -> Vec<(Span, String)> {
    let name = &signature.ident;
    let mut found = Vec::new();
    if signature.asyncness.is_none() {
        let message = format!("a policy is asynchronous: write `async fn {name}`");
        found.push((signature.fn_token.span, message));
    }
    if let Safety::Unsafe(unsafety) = &signature.safety {
        let message = format!(
            "the guard asks a policy from safe code: write `async fn {name}`, and put an `unsafe` block into it"
        );
        found.push((unsafety.span, message));
    }
    if matches!(signature.output, ReturnType::Default) {
        let message = format!(
            "a policy answers: write `async fn {name}(..) -> Decision`, or `-> Decision<T>` with the value that the \
             handler takes as `Permitted<T>`"
        );
        found.push((name.span(), message));
    }
    for parameter in &signature.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            let message = "a policy owns its parameters, so it has no lifetimes: remove this one";
            found.push((lifetime.span(), message.to_owned()));
        }
    }
    for parameter in parameters(signature) {
        found.extend(mistake_in(&parameter.ty));
        let conditions = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        let message =
            "a policy has the same parameters in every build: put the `#[cfg(...)]` on the function";
        found.extend(conditions.map(|condition| (condition.span(), message.to_owned())));
    }
    found
}

/// Returns why a policy can't have a parameter of this type.
fn mistake_in(ty: &Type) -> Option<(Span, String)> {
    let message = match ty {
        Type::Group(group) => return mistake_in(&group.elem),
        Type::Paren(paren) => return mistake_in(&paren.elem),
        Type::ImplTrait(_) => {
            "a policy's parameters have types with a name: write an extractor, such as `Path<u64>`".to_owned()
        }
        Type::Reference(reference) => {
            let written = as_written(reference.elem.to_token_stream());
            let is_owned = matches!(&*reference.elem, Type::Path(_)) && written != "str";
            let write = if is_owned { written } else { "Path<u64>".to_owned() };
            let such_as = if is_owned { "" } else { "an extractor, such as " };
            format!(
                "a policy owns its parameters, which extractors make from the request: write {such_as}`{write}`"
            )
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if !READ_THE_BODY.iter().any(|name| last.ident == name) {
                return None;
            }
            format!(
                "`{}` reads the body, and a policy never does, since it is asked before the body is read: take what \
                 the head of the request says, such as `Path`, `Query` or `HeaderMap`, and check the body in the \
                 handler",
                last.ident
            )
        }
        _ => return None,
    };
    Some((ty.span(), message))
}

/// The extractors of axum that read the body, by name.
const READ_THE_BODY: [&str; 8] =
    ["Body", "Bytes", "Form", "Json", "Multipart", "RawForm", "Request", "String"];
