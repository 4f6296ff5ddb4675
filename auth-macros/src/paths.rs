//! Every path that generated code names.
//!
//! All are absolute, so nothing that is in scope at the handler (a local `User`, a module `auth_runtime`)
//! can take their place. `crate = path` replaces the root for crates that reach the runtime under another name.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::options::Options;

/// The root of the paths: `::auth_runtime`, or what `crate = path` says.
pub(crate) struct Paths {
    root: Option<TokenStream>,
}

impl Paths {
    /// Returns the paths at the innermost root that the attributes name.
    pub(crate) fn of(layers: &[&Options]) -> Self {
        let root = layers.iter().rev().find_map(|options| options.root.as_ref());
        Self { root: root.map(ToTokens::to_token_stream) }
    }

    /// Names `Alone`, the requirements of a handler that has no parameter but the guard, and no policy.
    pub(crate) fn alone(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Alone)
    }

    /// Names `Around`, the requirements of a guard around what runs before its handler.
    pub(crate) fn around(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Around)
    }

    /// Names `Behind`, a parameter behind the guard.
    pub(crate) fn behind(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Behind)
    }

    /// Names `behind`, the attribute that wraps parameters after other attributes have looked at them.
    pub(crate) fn behind_attribute(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::behind)
    }

    /// Names `ClaimValue`, what a claim is compared with.
    pub(crate) fn claim_value(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::ClaimValue)
    }

    /// Names `Guard`, the extractor that lets a request through or refuses it.
    pub(crate) fn guard(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Guard)
    }

    /// Names `Guarded`, the response of a handler together with what the session adds to it.
    pub(crate) fn guarded(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Guarded)
    }

    /// Names `handed_by_axum`, which takes the types that axum hands to middleware itself, and no other.
    pub(crate) fn handed_by_axum(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::handed_by_axum)
    }

    /// Names `holds_no_handler`, which takes the verdict about a constant that no router takes for a handler.
    pub(crate) fn holds_no_handler(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::holds_no_handler)
    }

    /// Names `HandedTo`, the recipient of what policies load for a handler that takes it.
    pub(crate) fn handed_to(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::HandedTo)
    }

    /// Names `Loads`, the trait that says what a policy loads.
    pub(crate) fn loads(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Loads)
    }

    /// Names `never`, which has any type and is never called.
    pub(crate) fn never(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::never)
    }

    /// Names `Refusals`, the responses by which a handler with these requirements refuses a request.
    #[cfg(feature = "utoipa")]
    pub(crate) fn refusals(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Refusals)
    }

    /// Names core's `Option`, for what may be absent.
    pub(crate) fn option(span: Span) -> TokenStream {
        quote_spanned!(span=> ::core::option::Option)
    }

    /// Names `Decided`, what policies answer.
    pub(crate) fn decided(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Decided)
    }

    /// Names core's `Future`.
    pub(crate) fn future(span: Span) -> TokenStream {
        quote_spanned!(span=> ::core::future::Future)
    }

    /// Names `Parts`, the head of a request.
    pub(crate) fn parts(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Parts)
    }

    /// Names `Policies`, the trait of a handler's policies together.
    pub(crate) fn policies(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Policies)
    }

    /// Names `PermittedBy`, a parameter that takes what a policy loaded.
    pub(crate) fn permitted_by(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::PermittedBy)
    }

    /// Names core's `PhantomData`.
    pub(crate) fn phantom_data(span: Span) -> TokenStream {
        quote_spanned!(span=> ::core::marker::PhantomData)
    }

    /// Names `Policy`, the trait of the types that `policy = Type` names.
    pub(crate) fn policy(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Policy)
    }

    /// Names `PolicyAnswer`, what a function that is a policy returns.
    pub(crate) fn policy_answer(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::PolicyAnswer)
    }

    /// Names `PolicyParameter`, what a function that is a policy takes.
    pub(crate) fn policy_parameter(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::PolicyParameter)
    }

    /// Names `Protection`, what a handler demands, as a constant.
    pub(crate) fn protection(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Protection)
    }

    /// Names `exactly_one_loads`, which checks that one policy loads what a parameter takes.
    pub(crate) fn exactly_one_loads(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::exactly_one_loads)
    }

    /// Names `Recipient`, the trait of what receives the values that policies load.
    pub(crate) fn recipient(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Recipient)
    }

    /// Names `Requirement`, one demand or a group of them.
    pub(crate) fn requirement(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Requirement)
    }

    /// Names `Requirements`, the trait of the types that carry a handler's requirements.
    pub(crate) fn requirements(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Requirements)
    }

    /// Names `ProvidesAuth`, what the guard asks of the router's state.
    pub(crate) fn provides_auth(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::ProvidesAuth)
    }

    /// Names `PublicGuard`, the extractor that admits every caller and watches the extractors behind it.
    pub(crate) fn public_guard(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::PublicGuard)
    }

    /// Names `Public`, the extractor that admits every caller.
    pub(crate) fn public(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Public)
    }

    /// Names the traits that give the verdict about a value, without names of their own, as an import does.
    pub(crate) fn questions(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::{IsCallable as _, IsFuture as _, IsOther as _})
    }

    /// Names `returns_no_future`, which takes the verdict about what a function returns unless that is a future.
    pub(crate) fn returns_no_future(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::returns_no_future)
    }

    /// Names core's `Send`.
    pub(crate) fn send(span: Span) -> TokenStream {
        quote_spanned!(span=> ::core::marker::Send)
    }

    /// Names `Session`, which policies are shown.
    pub(crate) fn session(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Session)
    }

    /// Names core's `Sized`.
    pub(crate) fn sized(span: Span) -> TokenStream {
        quote_spanned!(span=> ::core::marker::Sized)
    }

    /// Names core's `Sync`.
    pub(crate) fn sync(span: Span) -> TokenStream {
        quote_spanned!(span=> ::core::marker::Sync)
    }

    /// Names `SignedIn`, the requirement of a handler that requires nothing more.
    pub(crate) fn signed_in(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::SignedIn)
    }

    /// Names `User`, the extractor of the implicit parameter.
    pub(crate) fn user(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::User)
    }

    /// Names `Value`, a value that is asked whether it is a future.
    pub(crate) fn value(&self, span: Span) -> TokenStream {
        let private = self.private(span);
        quote_spanned!(span=> #private::Value)
    }

    /// Names the hidden module of the runtime that generated code uses.
    fn private(&self, span: Span) -> TokenStream {
        let default = || quote_spanned!(span=> ::auth_runtime);
        let root = self.root.clone().unwrap_or_else(default);
        quote_spanned!(span=> #root::__private)
    }
}
