//! The expansion of a function that is a policy.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{ReturnType, parse_quote_spanned};

use crate::paths::Paths;
use crate::policy_function::PolicyFunction;

/// Writes a type of the function's name beside the function, which is the policy that `policy = path` names. Types and
/// functions have names of their own, so a `use` of the function imports both.
///
/// ```text
/// // in
/// pub async fn owns_order(user: User, Path(id): Path<u64>) -> Result<Decision<Order>, Error> { BODY }
///
/// // out; every path starts at ::auth_runtime::__private, and the function stays as it is
/// #[doc(hidden)]
/// pub enum owns_order {}
/// impl Loads for owns_order {
///     type Value = <Result<Decision<Order>, Error> as PolicyAnswer>::Value;
/// }
/// impl<S> Policy<S> for owns_order
/// where
///     S: Send + Sync,
///     User: PolicyParameter<S>,
///     Path<u64>: PolicyParameter<S>,
/// {
///     async fn decide(_: &Session, request: &mut Parts, state: &S) -> Decided<Self::Value> {
///         let answer = owns_order(
///             <User as PolicyParameter<S>>::extract(request, state).await?,
///             <Path<u64> as PolicyParameter<S>>::extract(request, state).await?,
///         );
///         PolicyAnswer::into_decided(answer.await)
///     }
/// }
/// ```
///
/// The type of a generic function is generic, and has a field that uses the function's types.
///
/// A function with mistakes becomes a policy that decides nothing, so that the attribute which names it adds no errors.
pub(crate) fn expand_policy(function: &PolicyFunction, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let PolicyFunction { conditions, signature, item, .. } = function;
    let name = name(function);
    let definition = expand_type(function, &name);
    let state = Ident::new("__State", site);
    let mut with_state = signature.generics.clone();
    with_state.params.push(parse_quote_spanned!(site=> #state));
    let (for_state, _, _) = with_state.split_for_impl();
    let (for_all, arguments, clause) = signature.generics.split_for_impl();
    let predicates = clause.map(|clause| clause.predicates.iter()).into_iter().flatten();
    let types = signature.generics.type_params().map(|parameter| &parameter.ident);
    let predicates = quote_spanned!(site=> #(#predicates,)* #(#types: 'static,)*);
    let [loads, policy, session, parts, decided] =
        [Paths::loads, Paths::policy, Paths::session, Paths::parts, Paths::decided]
            .map(|path| path(paths, site));
    let (send, sync) = (Paths::send(site), Paths::sync(site));
    let value = expand_value(function, paths);
    let bounds = expand_bounds(function, &state, paths);
    let decision = expand_decision(function, &state, paths);
    quote_spanned! {site=>
        #item

        #definition

        #(#conditions)*
        impl #for_all #loads for #name #arguments
        where
            #predicates
        {
            type Value = #value;
        }

        #(#conditions)*
        impl #for_state #policy<#state> for #name #arguments
        where
            #predicates
            #state: #send + #sync,
            #bounds
        {
            async fn decide(
                _: &#session,
                request: &mut #parts,
                state: &#state,
            ) -> #decided<<Self as #loads>::Value> {
                let _ = (&request, state);
                #decision
            }
        }
    }
}

/// Returns the name of the type: that of the function. Of the function's own place, so that a search for the name finds
/// the function, and of this expansion, so that no lint looks at its case.
fn name(function: &PolicyFunction) -> Ident {
    let mut name = function.signature.ident.clone();
    name.set_span(Span::mixed_site().located_at(name.span()));
    name
}

/// Returns the type without a value.
fn expand_type(function: &PolicyFunction, name: &Ident) -> TokenStream {
    let site = Span::mixed_site();
    let PolicyFunction { conditions, visibility, signature, .. } = function;
    let (params, clause) = (&signature.generics.params, &signature.generics.where_clause);
    let parameters = if params.is_empty() { TokenStream::new() } else { quote_spanned!(site=> <#params>) };
    let mut types = signature.generics.type_params().map(|parameter| &parameter.ident).peekable();
    let (kind, fields) = if types.peek().is_some() {
        let phantom = Paths::phantom_data(site);
        (quote_spanned!(site=> struct), quote_spanned!(site=> __types: #phantom<fn() -> (#(#types,)*)>))
    } else {
        (quote_spanned!(site=> enum), TokenStream::new())
    };
    quote_spanned! {site=>
        #[doc(hidden)]
        #(#conditions)*
        #visibility #kind #name #parameters #clause { #fields }
    }
}

/// Returns the type of the value that the policy loads.
fn expand_value(function: &PolicyFunction, paths: &Paths) -> TokenStream {
    match &function.signature.output {
        ReturnType::Type(_, answer) => {
            let span = Span::mixed_site().located_at(answer.span());
            let policy_answer = paths.policy_answer(span);
            quote_spanned!(span=> <#answer as #policy_answer>::Value)
        }
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> ()),
    }
}

/// Returns the bounds by which each parameter is extracted from the head of a request.
fn expand_bounds(function: &PolicyFunction, state: &Ident, paths: &Paths) -> TokenStream {
    if function.is_broken {
        return TokenStream::new();
    }
    let bounds = function.parameters().map(|parameter| {
        let ty = &parameter.ty;
        let span = Span::mixed_site().located_at(ty.span());
        let policy_parameter = paths.policy_parameter(span);
        quote_spanned!(span=> #ty: #policy_parameter<#state>,)
    });
    bounds.collect()
}

/// Returns the call of the function, with its parameters extracted in their order.
fn expand_decision(function: &PolicyFunction, state: &Ident, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    if function.is_broken {
        let never = paths.never(site);
        return quote_spanned!(site=> #never());
    }
    let arguments = function.parameters().map(|parameter| {
        let ty = &parameter.ty;
        let span = site.located_at(ty.span());
        let policy_parameter = paths.policy_parameter(span);
        quote_spanned!(span=> <#ty as #policy_parameter<#state>>::extract(request, state).await?)
    });
    let call = &function.signature.ident;
    let (_, types, _) = function.signature.generics.split_for_impl();
    let types = types.as_turbofish();
    let span = match &function.signature.output {
        ReturnType::Type(_, answer) => site.located_at(answer.span()),
        ReturnType::Default => site,
    };
    let policy_answer = paths.policy_answer(span);
    let answer = Ident::new("__answer", site);
    let into_decided = quote_spanned!(span=> #policy_answer::into_decided);
    quote_spanned! {site=>
        let #answer = #call #types(#(#arguments),*);
        #into_decided(#answer.await)
    }
}
