async fn twice(
    __auth2: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        Path(id),
    ): ::auth_runtime::__private::Behind<Path<u64>>,
) -> ::auth_runtime::__private::Guarded<::auth_runtime::__private::Guarded<u64>> {
    fn __state_provides_auth<S>()
    where
        S: ::auth_runtime::__private::ProvidesAuth,
    {}
    let _: fn() = __state_provides_auth::<AppState>;
    __auth2.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<
                ::auth_runtime::__private::Guarded<u64>,
            >();
        }
        match () {
            () => {
                let _ = &user;
                __auth.enter();
                let __response = async move {
                    if false {
                        return ::auth_runtime::__private::never::<u64>();
                    }
                    match () {
                        () => id,
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

async fn twice(
    __auth3: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    __auth2: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    __auth: ::auth_runtime::__private::Guard<::auth_runtime::__private::SignedIn>,
    user: ::auth_runtime::__private::User,
    ::auth_runtime::__private::Behind(
        Path(id),
    ): ::auth_runtime::__private::Behind<Path<u64>>,
) -> ::auth_runtime::__private::Guarded<
    ::auth_runtime::__private::Guarded<::auth_runtime::__private::Guarded<u64>>,
> {
    __auth3.enter();
    let __response = async move {
        if false {
            return ::auth_runtime::__private::never::<
                ::auth_runtime::__private::Guarded<
                    ::auth_runtime::__private::Guarded<u64>,
                >,
            >();
        }
        match () {
            () => {
                fn __state_provides_auth<S>()
                where
                    S: ::auth_runtime::__private::ProvidesAuth,
                {}
                let _: fn() = __state_provides_auth::<AppState>;
                __auth2.enter();
                let __response = async move {
                    if false {
                        return ::auth_runtime::__private::never::<
                            ::auth_runtime::__private::Guarded<u64>,
                        >();
                    }
                    match () {
                        () => {
                            let _ = &user;
                            __auth.enter();
                            let __response = async move {
                                if false {
                                    return ::auth_runtime::__private::never::<u64>();
                                }
                                match () {
                                    () => id,
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
        }
    }
        .await;
    __auth3.finish(__response).await
}
