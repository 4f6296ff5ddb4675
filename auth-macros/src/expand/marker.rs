//! The type that carries a handler's requirements.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Attribute;
use syn::ext::IdentExt as _;

use crate::item::Handler;
use crate::options::{ClaimValue, Demand, Policy, Requirement};
use crate::paths::Paths;
use crate::requirements::{Protection, permitted};

/// The place of a handler, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// In the `impl` block of this type.
    Impl(&'a Ident),
    /// In a module.
    Module,
    /// In a module or in an `impl` block: the attribute is on the function alone.
    Unknown,
}

/// Returns the name of the type for the guard of this number on a function.
///
/// `report` has `__ReportRequirements`. In camel case, names that differ only by case or underscores would become the
/// same, so all but plain `snake_case` keep their own: `Report` has `__Requirements_Report`. So do the functions of a
/// type: `Api::report` has `__ApiRequirements_report`. A second guard puts its number after `Requirements`.
///
/// If the attribute stands on a function of an `impl` block alone, the type has no place beside the function. rustc
/// then says by the type's name that it can't find it, so the name says what to do.
pub(super) fn name(function: &Ident, place: Place<'_>, number: usize) -> Ident {
    let function = function.unraw().to_string();
    let number = if number > 1 { number.to_string() } else { String::new() };
    let hint = if let Place::Unknown = place { HINT } else { "" };
    let name = match (place, camel_case(&function)) {
        (Place::Impl(ty), _) => format!("__{}Requirements{number}_{function}", ty.unraw()),
        (_, Some(camel)) => format!("__{camel}Requirements{number}{hint}"),
        (_, None) => format!("__Requirements{number}{hint}_{function}"),
    };
    Ident::new(&name, Span::mixed_site())
}

const HINT: &str = "InAnImplPutTheAttributeOnTheBlock";

/// Returns `ReadAll` for `read_all`; `None` for a name that would share its result with another one.
fn camel_case(name: &str) -> Option<String> {
    let mut camel = String::new();
    for word in name.split('_') {
        let rest = word.strip_prefix(|char: char| char.is_ascii_lowercase())?;
        if !rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return None;
        }
        camel.extend(word.chars().next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(rest);
    }
    Some(camel)
}

/// Returns the type, and the implementations that say what it demands.
///
/// ```text
/// // in
/// #[with_api_auth_required(scopes("a", "b"), policy = Owns)]
/// pub async fn report() {}
///
/// // out; every path is absolute
/// #[doc(hidden)]
/// pub enum __ReportRequirements {}
/// impl Requirements for __ReportRequirements {
///     const PROTECTION: &'static Protection = &Protection {
///         requirements: &[Requirement::Scopes(&["a", "b"])],
///         policies: &["Owns"],
///         cache: None,
///         login: false,
///         optional: false,
///     };
///     type Policies = Self;
/// }
/// impl<S> Policies<S> for __ReportRequirements where S: Sync, (Owns, ()): Policies<S> {
///     fn decide<R: Recipient>(..) -> .. { <(Owns, ()) as Policies<S>>::decide::<R>(..) }
/// }
/// ```
///
/// It is an `enum` because that needs no constructor: nothing in it is ever unused. It shares the visibility of
/// the handler, whose signature names it, and its `#[cfg]`s.
///
/// The policies are in a bound and not in an associated type, because there a private type could not stand on a
/// handler that is more visible.
///
/// A handler with a parameter `Permitted<T>` is the recipient of what its policies load: `decide::<HandedTo<Self>>(..)`.
pub(super) fn expand(name: &Ident, handler: &Handler, protection: &Protection, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let visibility = &handler.visibility;
    let conditions: Vec<&Attribute> =
        handler.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let requirements = paths.requirements(site);
    let protection_type = paths.protection(site);
    let members = protection.requirements.iter().map(|requirement| expand_requirement(requirement, paths));
    let written = protection.policies.iter().map(|policy| &policy.written);
    let cache = expand_option(protection.cache.as_deref());
    let Protection { login, optional, .. } = protection;
    let takes_values = permitted(&handler.signature).next().is_some();
    let (policies, decision) = expand_policies(name, &conditions, &protection.policies, takes_values, paths);
    quote_spanned! {site=>
        #[doc(hidden)]
        #(#conditions)*
        #visibility enum #name {}

        #(#conditions)*
        impl #requirements for #name {
            const PROTECTION: &'static #protection_type = &#protection_type {
                requirements: &[#(#members),*],
                policies: &[#(#written),*],
                cache: #cache,
                login: #login,
                optional: #optional,
            };

            type Policies = #policies;
        }

        #decision
    }
}

/// Returns the type that stands for the policies, and its implementation unless the runtime has that.
fn expand_policies(
    name: &Ident,
    conditions: &[&Attribute],
    policies: &[Policy],
    takes_values: bool,
    paths: &Paths,
) -> (TokenStream, TokenStream) {
    let site = Span::mixed_site();
    let all = policy_list(policies, site);
    if policies.is_empty() {
        return (all, TokenStream::new());
    }
    let state = Ident::new("__State", site);
    let [policies, session, parts, decided, recipient] =
        [Paths::policies, Paths::session, Paths::parts, Paths::decided, Paths::recipient]
            .map(|path| path(paths, site));
    let asked_for = Ident::new("__Recipient", site);
    let receiving = if takes_values {
        let handed_to = paths.handed_to(site);
        quote_spanned!(site=> #handed_to<Self>)
    } else {
        asked_for.to_token_stream()
    };
    let (future, send, sync) = (Paths::future(site), Paths::send(site), Paths::sync(site));
    let decision = quote_spanned! {site=>
        #(#conditions)*
        impl<#state> #policies<#state> for #name
        where
            #state: #sync,
            #all: #policies<#state>,
        {
            fn decide<#asked_for: #recipient>(
                session: &#session,
                request: &mut #parts,
                state: &#state,
            ) -> impl #future<Output = #decided> + #send {
                <#all as #policies<#state>>::decide::<#receiving>(session, request, state)
            }
        }
    };
    (quote_spanned!(site=> Self), decision)
}

/// Returns the policies as one type: `(First, (Second, ()))`.
pub(super) fn policy_list(policies: &[Policy], span: Span) -> TokenStream {
    let all = policies.iter().map(|policy| &policy.ty);
    all.rfold(quote_spanned!(span=> ()), |rest, policy| quote_spanned!(span=> (#policy, #rest)))
}

fn expand_option(value: Option<&str>) -> TokenStream {
    let option = Paths::option(Span::mixed_site());
    if let Some(value) = value {
        quote_spanned!(Span::mixed_site()=> #option::Some(#value))
    } else {
        quote_spanned!(Span::mixed_site()=> #option::None)
    }
}

fn expand_requirement(requirement: &Requirement, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let ty = paths.requirement(site);
    let group = |members: &[Requirement]| {
        let members: Vec<TokenStream> =
            members.iter().map(|member| expand_requirement(member, paths)).collect();
        quote_spanned!(site=> &[#(#members),*])
    };
    match &requirement.demand {
        Demand::Acr(words) => quote_spanned!(site=> #ty::Acr(&[#(#words),*])),
        Demand::All(members) => {
            let members = group(members);
            quote_spanned!(site=> #ty::All(#members))
        }
        Demand::Amr(words) => quote_spanned!(site=> #ty::Amr(&[#(#words),*])),
        Demand::Any(members) => {
            let members = group(members);
            quote_spanned!(site=> #ty::Any(#members))
        }
        Demand::Claim(name, value) => {
            let value = expand_claim_value(value, paths);
            quote_spanned!(site=> #ty::Claim(#name, #value))
        }
        Demand::MaxAge(seconds) => {
            let seconds = Literal::u64_unsuffixed(*seconds);
            quote_spanned!(site=> #ty::MaxAge(#seconds))
        }
        Demand::Not(operand) => {
            let operand = expand_requirement(operand, paths);
            quote_spanned!(site=> #ty::Not(&#operand))
        }
        Demand::Org(words) => quote_spanned!(site=> #ty::Org(&[#(#words),*])),
        Demand::Permissions(words) => quote_spanned!(site=> #ty::Permissions(&[#(#words),*])),
        Demand::Roles(words) => quote_spanned!(site=> #ty::Roles(&[#(#words),*])),
        Demand::Scopes(words) => quote_spanned!(site=> #ty::Scopes(&[#(#words),*])),
    }
}

fn expand_claim_value(value: &ClaimValue, paths: &Paths) -> TokenStream {
    let site = Span::mixed_site();
    let ty = paths.claim_value(site);
    match value {
        ClaimValue::Bool(bool) => quote_spanned!(site=> #ty::Bool(#bool)),
        ClaimValue::Integer(integer) => {
            let integer = Literal::i64_unsuffixed(*integer);
            quote_spanned!(site=> #ty::Integer(#integer))
        }
        ClaimValue::Text(text) => quote_spanned!(site=> #ty::Text(#text)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_handler_has_its_name_in_camel_case() {
        for (function, expected) in [
            ("report", "__ReportRequirements"),
            ("read_all", "__ReadAllRequirements"),
            ("v2_list", "__V2ListRequirements"),
            ("r#type", "__TypeRequirements"),
            ("Report", "__Requirements_Report"),
            ("a__b", "__Requirements_a__b"),
            ("gr\u{f6}\u{df}e", "__Requirements_gr\u{f6}\u{df}e"),
        ] {
            assert_eq!(name(&ident(function), Place::Module, 1), expected);
        }
        assert_eq!(name(&ident("list"), Place::Impl(&ident("Api")), 1), "__ApiRequirements_list");
        assert_eq!(name(&ident("list"), Place::Module, 2), "__ListRequirements2");
        assert_eq!(name(&ident("List"), Place::Module, 2), "__Requirements2_List");
        for function in ["list", "List"] {
            assert!(name(&ident(function), Place::Unknown, 1).to_string().contains(HINT));
        }
    }

    #[test]
    fn no_two_handlers_share_a_name() {
        let functions = [
            "a",
            "A",
            "_a",
            "a_",
            "__a",
            "a__",
            "_a_",
            "ab",
            "a_b",
            "a__b",
            "a_b_",
            "_a_b",
            "AB",
            "Ab",
            "aB",
            "a_B",
            "a1",
            "a_1",
            "a_1_",
            "a1_",
            "a_1b",
            "a1b",
            "a1_b",
            "_1",
            "__1",
            "requirements",
            "Requirements",
            "requirements_a",
            "Requirements_a",
            "a_requirements",
            "requirements2",
            "requirements_2",
            "\u{e9}",
            "\u{c9}",
            "\u{e9}_",
            "list",
            "api_list",
            "Api_list",
            "r#type",
            "type_",
            "api_requirements_list",
        ];
        let types = ["Api", "api", "Requirements", "A"].map(ident);
        let places = types.iter().map(Place::Impl).chain([Place::Module, Place::Unknown]);
        let mut seen: HashMap<String, (&str, String, usize)> = HashMap::new();
        for function in functions {
            for place in places.clone() {
                for number in 1..=12 {
                    let name = name(&ident(function), place, number).to_string();
                    let other = seen.insert(name.clone(), (function, format!("{place:?}"), number));
                    assert_eq!(other, None, "{name}");
                }
            }
        }
    }

    fn ident(name: &str) -> Ident {
        syn::parse_str(name).unwrap()
    }
}
