// #[with_api_auth_required(optional)]
// async fn implicit() -> bool { user.is_some() }

#[doc(hidden)]
enum __ImplicitRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __ImplicitRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: true,
    };
    type Policies = ();
}
async fn implicit(
    __auth: ::auth_runtime::__private::Guard<
        ::auth_runtime::__private::Alone<
            __ImplicitRequirementsInAnImplPutTheAttributeOnTheBlock,
        >,
    >,
) -> ::auth_runtime::__private::Guarded<bool> {
    let user = __auth.user_if_any();
    let _ = &user;
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<bool>();
        }
        match () {
            () => user.is_some(),
        }
    }
        .await;
    __auth.finish(__response).await
}

// #[with_api_auth_required(optional)]
// async fn explicit(user: Option<User>) -> bool { user.is_some() }

#[doc(hidden)]
enum __ExplicitRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __ExplicitRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: true,
    };
    type Policies = ();
}
async fn explicit(
    __auth: ::auth_runtime::__private::Guard<
        __ExplicitRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(
        user,
    ): ::auth_runtime::__private::Behind<Option<User>>,
) -> ::auth_runtime::__private::Guarded<bool> {
    __auth.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<bool>();
        }
        match () {
            () => user.is_some(),
        }
    }
        .await;
    __auth.finish(__response).await
}
