#[doc(hidden)]
enum __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[::auth_runtime::__private::Requirement::Scopes(&["a"])],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
#[doc(hidden)]
enum __HandlerRequirements2InAnImplPutTheAttributeOnTheBlock {}
impl ::auth_runtime::__private::Requirements
for __HandlerRequirements2InAnImplPutTheAttributeOnTheBlock {
    const PROTECTION: &'static ::auth_runtime::__private::Protection = &::auth_runtime::__private::Protection {
        requirements: &[::auth_runtime::__private::Requirement::Roles(&["b"])],
        policies: &[],
        cache: ::core::option::Option::None,
        login: false,
        optional: false,
    };
    type Policies = ();
}
async fn handler(
    __auth2: ::auth_runtime::__private::Guard<
        __HandlerRequirements2InAnImplPutTheAttributeOnTheBlock,
    >,
    __auth: ::auth_runtime::__private::Guard<
        __HandlerRequirementsInAnImplPutTheAttributeOnTheBlock,
    >,
    ::auth_runtime::__private::Behind(user): ::auth_runtime::__private::Behind<User>,
) -> ::auth_runtime::__private::Guarded<::auth_runtime::__private::Guarded<()>> {
    __auth2.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<
                ::auth_runtime::__private::Guarded<()>,
            >();
        }
        match () {
            () => {
                __auth.enter();
                let __response = async move {
                    if false {
                        return ::auth_runtime::__private::never::<()>();
                    }
                    match () {
                        () => {}
                    }
                }
                    .await;
                __auth.finish(__response).await
            }
        }
    }
        .await;
    __auth2.finish(__response).await
}
