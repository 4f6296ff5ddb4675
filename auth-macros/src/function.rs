//! The role of a function in a protected module or `impl` block.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Attribute, FnArg, ReturnType, Safety, Signature, Type};

use crate::diagnostics::Diagnostics;
use crate::inner_impl::{INNER_IMPL, handler_of_an_impl};
use crate::item::{Handler, Intent, Item, is_conditional, look_at_parameters};
use crate::marks::{Marks, PUBLIC_AND_GUARDED, TWICE_PUBLIC};
use crate::options::Options;
use crate::references::{borrowed_parameters, takes_a_reference};
use crate::words::find_word;

/// The kind of block that a function stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surroundings {
    ImplBlock,
    Module,
    /// The definition of a trait.
    Trait,
    /// An implementation of a trait.
    TraitImpl,
}

impl Surroundings {
    fn are_of_a_trait(self) -> bool {
        matches!(self, Self::Trait | Self::TraitImpl)
    }
}

/// The role of a function, with the options of its own attributes.
pub(crate) enum Role {
    Protected(Box<Handler>, Vec<Options>),
    Public(Box<Handler>, Vec<Options>),
    /// Left as it is, if the compiler finds that it returns no future.
    Checked(Box<Item>),
    Untouched(TokenStream),
}

impl Role {
    /// Returns the role with these attributes added to a protected handler.
    pub(crate) fn under(mut self, conditions: &[Attribute]) -> Self {
        if let Self::Protected(handler, _) = &mut self {
            handler.attributes.splice(0..0, conditions.iter().cloned());
        }
        self
    }
}

/// Decides the role of a function: by its attributes, or by its signature where it has none of ours.
pub(crate) fn role(
    item: Item,
    marks: Marks,
    surroundings: Surroundings,
    diagnostics: &mut Diagnostics,
) -> Role {
    check_contradictions(&marks, diagnostics);
    let tests = item.attributes.iter().any(is_test);
    if marks.helper.is_some() {
        return Role::Untouched(item.into_tokens());
    }
    if tests {
        refuse_marks(&marks, "a test is not a handler: remove this", diagnostics);
        return Role::Untouched(item.into_tokens());
    }
    let said = marks.public.is_some() || marks.guarded.is_some();
    if surroundings.are_of_a_trait() {
        refuse_marks(&marks, IN_A_TRAIT, diagnostics);
    }
    check_body(&item, diagnostics);
    let unsaid = if said {
        Unsaid::Handler
    } else {
        item.function.as_ref().map_or(Unsaid::Harmless, |function| {
            judge_unsaid(&function.signature, &item.attributes, surroundings, diagnostics)
        })
    };
    match unsaid {
        Unsaid::Doubtful => return Role::Checked(Box::new(item)),
        // A function of a trait keeps the parameters that the trait says; what is wrong with that was reported.
        Unsaid::Handler if !surroundings.are_of_a_trait() => {}
        Unsaid::Handler | Unsaid::Harmless => return Role::Untouched(item.into_tokens()),
    }
    let intent = if said { Intent::Handler } else { Intent::Unsaid };
    let handler = match item.into_handler(intent, diagnostics) {
        Ok(handler) => handler,
        Err(item) => return Role::Untouched(item),
    };
    let public = marks.public.is_some() && marks.guarded.is_none();
    check_expanded(&handler, public, diagnostics);
    if public { Role::Public(handler, marks.options) } else { Role::Protected(handler, marks.options) }
}

/// Reports what contradicts an attribute that was expanded before this one.
fn check_expanded(handler: &Handler, public: bool, diagnostics: &mut Diagnostics) {
    let at = handler.signature.ident.span();
    if handler.is_public() {
        diagnostics.report(at, if public { TWICE_PUBLIC } else { PUBLIC_AND_GUARDED });
    } else if public && handler.starts_with("Guard") {
        diagnostics.report(at, PUBLIC_AND_GUARDED);
    }
}

/// Returns whether the attribute makes the function a test, which no router takes. An attribute named `test` of any
/// other crate may leave the function what it is.
fn is_test(attribute: &Attribute) -> bool {
    let segments: Vec<String> =
        attribute.path().segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match *segments.as_slice() {
        ["test"] => attribute.path().leading_colon.is_none(),
        ["core" | "std", "prelude", "v1", "test"] => true,
        [framework, "test"] => TEST_FRAMEWORKS.contains(&framework),
        _ => false,
    }
}

const TEST_FRAMEWORKS: [&str; 8] =
    ["actix_rt", "actix_web", "async_std", "rstest", "sqlx", "test_log", "tokio", "wasm_bindgen_test"];

/// Reports an `impl` block in the body, whose functions belong to a type that others can name.
fn check_body(item: &Item, diagnostics: &mut Diagnostics) {
    let body = item.function.as_ref().and_then(|function| function.body.as_ref());
    if let Some(at) = body.and_then(|body| handler_of_an_impl(body.stream())) {
        diagnostics.report(at, INNER_IMPL);
    }
}

const IN_A_TRAIT: &str = "a function of a trait can't get another parameter: write the handler as an `async fn` of \
                          the module or of `impl Type { ... }`, and remove this";

/// Reports attributes that contradict each other about one function.
fn check_contradictions(marks: &Marks, diagnostics: &mut Diagnostics) {
    if let (Some(public), Some(_)) = (marks.public, marks.guarded) {
        diagnostics.report(public, PUBLIC_AND_GUARDED);
    }
    if let Some(helper) = marks.helper
        && (marks.public.is_some() || marks.guarded.is_some())
    {
        diagnostics.report(
            helper,
            "`#[helper]` says that this is no handler, and the attribute beside it that it is one: remove one of them",
        );
    }
}

fn refuse_marks(marks: &Marks, message: &str, diagnostics: &mut Diagnostics) {
    for at in marks.guarded.into_iter().chain(marks.public) {
        diagnostics.report(at, message);
    }
}

/// The kind of a function without an attribute of ours.
enum Unsaid {
    Handler,
    /// The compiler has to tell whether it returns a future.
    Doubtful,
    /// No handler, or one that was reported.
    Harmless,
}

/// Judges a function without an attribute of ours. Reports a function that could be a handler and can't be guarded, and
/// an `async fn` that takes a reference, where `#[helper]` was most likely forgotten.
fn judge_unsaid(
    signature: &Signature,
    attributes: &[Attribute],
    surroundings: Surroundings,
    diagnostics: &mut Diagnostics,
) -> Unsaid {
    let in_trait = surroundings.are_of_a_trait();
    let borrowed: Vec<&Type> = borrowed_parameters(signature).collect();
    let is_borrowing = takes_a_reference(signature);
    if signature.asyncness.is_none() {
        // No router takes a function with a reference or an `unsafe` one.
        let is_harmless = is_borrowing
            || matches!(signature.safety, Safety::Unsafe(_))
            || (in_trait && makes_future_of_itself(signature))
            || returns_nothing(signature, attributes);
        return if is_harmless {
            Unsaid::Harmless
        } else {
            judge_synchronous(signature, surroundings, diagnostics)
        };
    }
    if is_borrowing {
        // No router takes it: only an `async fn` among handlers looks like a forgotten `#[helper]`.
        if in_trait {
            return Unsaid::Harmless;
        }
        for ty in &borrowed {
            diagnostics.report_syntax(syn::Error::new_spanned(ty, TAKES_A_REFERENCE));
        }
        // With `&self` alone it goes on as a handler: the check of its signature reports the `self`.
        return if borrowed.is_empty() { Unsaid::Handler } else { Unsaid::Harmless };
    }
    if in_trait {
        report_in_trait(signature, diagnostics);
        return Unsaid::Harmless;
    }
    Unsaid::Handler
}

/// Judges a function that is not `async` and that a router could call. Reports a function for which the compiler can't be
/// asked whether it returns a future.
fn judge_synchronous(
    signature: &Signature,
    surroundings: Surroundings,
    diagnostics: &mut Diagnostics,
) -> Unsaid {
    // The check stands in the body, where the return type can't have `impl` in it.
    if surroundings == Surroundings::TraitImpl && returns_impl_trait(signature) {
        report_in_trait(signature, diagnostics);
        return Unsaid::Harmless;
    }
    // The check calls the function, and an argument can't have a condition.
    let has_conditions = signature
        .inputs
        .iter()
        .any(|input| matches!(input, FnArg::Typed(typed) if is_conditional(&typed.attrs)));
    if signature.variadic.is_some() || (has_conditions && surroundings != Surroundings::TraitImpl) {
        let message = format!(
            "whether `{name}` returns a future can't be checked, because of a `#[cfg]` or `...` among its parameters: put \
             `#[helper]` on it if it is no handler; if it is one, write `async fn {name}`",
            name = signature.ident
        );
        diagnostics.report(signature.ident.span(), message);
        return Unsaid::Harmless;
    }
    Unsaid::Doubtful
}

fn report_in_trait(signature: &Signature, diagnostics: &mut Diagnostics) {
    let name = &signature.ident;
    let message = format!(
        "`{name}` could be a handler, and a function of a trait can't get the parameter that guards it: write the \
         handler as an `async fn` of the module or of `impl Type {{ ... }}`, with `#[public]` if everybody may call \
         it; if it is no handler, put `#[helper]` on it"
    );
    diagnostics.report(name.span(), message);
}

/// Returns whether the function returns `()` or `!`, and no attribute can change that.
fn returns_nothing(signature: &Signature, attributes: &[Attribute]) -> bool {
    let nothing = match &signature.output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Never(_) => true,
            Type::Tuple(tuple) => tuple.elems.is_empty(),
            _ => false,
        },
    };
    nothing && !look_at_parameters(attributes)
}

fn returns_impl_trait(signature: &Signature) -> bool {
    match &signature.output {
        ReturnType::Default => false,
        ReturnType::Type(_, ty) => find_word(ty.to_token_stream(), &["impl"]).is_some(),
    }
}

const TAKES_A_REFERENCE: &str = "a handler can't take a reference: its parameters are made from the request, and are \
                                 its own; if it is no handler, put `#[helper]` on it";

/// Returns whether this is `IntoFuture::into_future`, which `.await` calls. Other functions that take `self` as a value
/// can be handlers of an extractor.
fn makes_future_of_itself(signature: &Signature) -> bool {
    signature.asyncness.is_none()
        && signature.ident.unraw() == "into_future"
        && signature.receiver().is_some()
        && signature.inputs.len() == 1
}
