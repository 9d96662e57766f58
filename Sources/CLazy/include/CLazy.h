/* Shared libraries that are loaded when a function of theirs is first called.
 *
 * libcurl, libgit2 and libpq bring some forty libraries along, and loading those at every start took 7 ms: more than the rest of
 * 'shipit --version' together, although most commands need one of the three or none. systemd treats its optional libraries the
 * same way (src/basic/dlfcn-util.h there). */
#ifndef SHIPIT_CLAZY_H
#define SHIPIT_CLAZY_H

/* Defines a function that its header declares: it forwards to the genuine one. The compiler checks it against the header. */
#define SHIPIT_LAZY(library, type, name, parameters, arguments) \
    SHIPIT_LAZY_AS(library, type, name, name, parameters, arguments)

/* Defines a function that forwards to another one; for variadic ones, which a function of their own name cannot forward to.
 *
 * The genuine function's address is found once; two threads may both find it, and find the same. */
#define SHIPIT_LAZY_AS(library, type, name, genuine_name, parameters, arguments)                  \
    type name parameters {                                                                        \
        static __typeof__(&(genuine_name)) known;                                                 \
        __typeof__(&(genuine_name)) genuine = __atomic_load_n(&known, __ATOMIC_ACQUIRE);          \
        if (!genuine) {                                                                           \
            genuine = (__typeof__(&(genuine_name)))shipit_lazy_find(library, #genuine_name);      \
            __atomic_store_n(&known, genuine, __ATOMIC_RELEASE);                                  \
        }                                                                                         \
        return genuine arguments;                                                                 \
    }

/* The function 'name' of the library with this soname. Like the dynamic linker, which would do this at the start, it ends the
 * process with code 127 and one line on standard error when there is no such library or no such function in it. */
void *shipit_lazy_find(const char *library, const char *name);

#endif
