# Flags that this compiler takes without complaint, gathered in a variable.
# -Werror makes clang refuse what it does not know.
#
# SPDX-License-Identifier: ISC

# PRONG_CHECK_FLAG_(VARIABLE, FLAG, FLAGS-VARIABLE)
AC_DEFUN([PRONG_CHECK_FLAG_], [
  AS_VAR_PUSHDEF([cache], [prong_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    prong_saved=$[]$3
    $3="$[]$3 -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    $3=$prong_saved
  ])
  AS_VAR_IF([cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
  AS_VAR_POPDEF([cache])
])

# PRONG_CHECK_CFLAGS(VARIABLE, FLAG...)
AC_DEFUN([PRONG_CHECK_CFLAGS], [
  $1=
  m4_foreach([flag], m4_cdr($@),
    [PRONG_CHECK_FLAG_([$1], m4_defn([flag]), [CFLAGS])])
  AC_SUBST([$1])
])

# PRONG_CHECK_LDFLAGS(VARIABLE, FLAG...)
AC_DEFUN([PRONG_CHECK_LDFLAGS], [
  $1=
  m4_foreach([flag], m4_cdr($@),
    [PRONG_CHECK_FLAG_([$1], m4_defn([flag]), [LDFLAGS])])
  AC_SUBST([$1])
])

# PRONG_CHECK_FORTIFY(VARIABLE)
# The C library's checks need optimisation, and the user may have chosen a
# level of his own.
AC_DEFUN([PRONG_CHECK_FORTIFY], [
  AC_CACHE_CHECK([whether to define _FORTIFY_SOURCE], [prong_cv_fortify], [
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#ifndef __OPTIMIZE__
#error the C library has no checks without optimisation
#endif
#ifdef _FORTIFY_SOURCE
#error the user or the compiler has chosen
#endif
int main(void) { return 0; }
]])], [prong_cv_fortify=yes], [prong_cv_fortify=no])
  ])
  $1=
  AS_VAR_IF([prong_cv_fortify], [yes], [$1=-D_FORTIFY_SOURCE=2])
  AC_SUBST([$1])
])

# PRONG_REQUIRE_64_BITS
# Sizes of memory and files, times and the numbers of system calls are 64 bits
# wide in the sources.
AC_DEFUN([PRONG_REQUIRE_64_BITS], [
  AC_CACHE_CHECK([for addresses of 64 bits], [prong_cv_64_bits], [
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if __SIZEOF_POINTER__ != 8
#error an address has another size
#endif
int main(void) { return 0; }
]])], [prong_cv_64_bits=yes], [prong_cv_64_bits=no])
  ])
  AS_VAR_IF([prong_cv_64_bits], [no], [AC_MSG_ERROR([m4_normalize([
    found a compiler for another size of addresses than 64 bits: prongd reserves
    more memory than such a machine has addresses, and its list of system calls
    lacks those of 32 bits. Possible: a compiler for a 64-bit machine])])])
])

# PRONG_REQUIRE_LIBC
# What the daemon needs of the C library. All of it is in glibc 2.36.
AC_DEFUN([PRONG_REQUIRE_LIBC], [
  prong_missing=
  AC_CHECK_HEADER([execinfo.h], [], [AS_VAR_APPEND([prong_missing],
    [" execinfo.h"])])
  m4_foreach_w([function],
    [backtrace close_range execveat pidfd_open preadv2 pwritev2
     strerrorname_np],
    [AC_CHECK_FUNC(function, [],
      [AS_VAR_APPEND([prong_missing], [" function"])])])
  AC_CHECK_TYPE([__rlimit_resource_t], [],
    [AS_VAR_APPEND([prong_missing], [" __rlimit_resource_t"])],
    [[#define _GNU_SOURCE
#include <sys/resource.h>]])
  AS_VAR_IF([prong_missing], [], [], [AC_MSG_ERROR([m4_normalize([
    found a C library without$prong_missing. Possible: glibc 2.36 or later. musl
    lacks these, so prong does not build with it])])])
])

# PRONG_LINK_OWN_(LIBS, LDFLAGS, IF-SO, [IF-NOT])
# Whether a program with the daemon's libraries links with these flags.
AC_DEFUN([PRONG_LINK_OWN_], [
  prong_saved_ldflags=$LDFLAGS
  prong_saved_cflags=$CFLAGS
  prong_saved_libs=$LIBS
  CFLAGS="$CFLAGS $PIE_CFLAGS $CONFIG_CFLAGS $SECCOMP_CFLAGS"
  LDFLAGS="$LDFLAGS $2"
  LIBS="$1 $LIBS"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <libconfig.h>
#include <ltdl.h>
#include <seccomp.h>
]], [[
config_t config;
config_init(&config);
return lt_dlinit() + (seccomp_init(SCMP_ACT_ALLOW) != 0);
]])], [$3], [$4])
  LDFLAGS=$prong_saved_ldflags
  CFLAGS=$prong_saved_cflags
  LIBS=$prong_saved_libs
])

# PRONG_CHECK_STATIC(VARIABLE)
# The flags that link a program without libraries that others map, and at any
# address if the C library has what that takes.
AC_DEFUN([PRONG_CHECK_STATIC], [
  AS_VAR_IF([enable_sanitizers], [yes], [AC_MSG_ERROR([m4_normalize([
    found --disable-shared with --enable-sanitizers, which have no archives.
    Possible: one of both])])])
  AC_CACHE_CHECK([how to link a static program], [prong_cv_static], [
    prong_cv_static=no
    for prong_flag in -static -static-pie; do
      PRONG_LINK_OWN_([$LTDL_LIBS $CONFIG_LIBS $SECCOMP_LIBS], [$prong_flag],
        [prong_cv_static=$prong_flag])
    done
  ])
  AS_VAR_IF([prong_cv_static], [no], [AC_MSG_ERROR([m4_normalize([
    found --disable-shared, but no archives of libconfig, libltdl, libseccomp and
    the C library that link to one program. Possible: install them (in Debian they
    are in the packages -dev), or configure without it])])])
  $1=$prong_cv_static
])

# PRONG_CHECK_ARCHIVES(VARIABLE)
# The daemon's libraries: from archives if the user permits and they are there, as
# each shared object makes every fork dearer.
AC_DEFUN([PRONG_CHECK_ARCHIVES], [
  $1="$LTDL_LIBS $CONFIG_LIBS $SECCOMP_LIBS"
  prong_archives="-l:libltdl.a -l:libconfig.a -l:libseccomp.a"
  AS_IF([test "$with_archives$enable_shared" = yesyes], [
    AC_CACHE_CHECK([for archives of libconfig, libltdl and libseccomp],
      [prong_cv_archives],
      [PRONG_LINK_OWN_([$prong_archives],
        [$PIE_LDFLAGS `$PKG_CONFIG --libs-only-L libconfig libseccomp`],
        [prong_cv_archives=yes], [prong_cv_archives=no])])
    AS_VAR_IF([prong_cv_archives], [yes], [
      $1="`$PKG_CONFIG --libs-only-L libconfig libseccomp` $prong_archives"
    ])
  ])
  AC_SUBST([$1])
])

# PRONG_CHECK_ORDER(VARIABLE)
# The flag by which the linker lays out prongd as src/order.ld says.
AC_DEFUN([PRONG_CHECK_ORDER], [
  AC_CACHE_CHECK([whether the linker takes src/order.ld], [prong_cv_order],
    [PRONG_LINK_OWN_([$OWN_LIBS],
      [$PIE_LDFLAGS -Wl,--fatal-warnings -Wl,-T,$srcdir/src/order.ld],
      [prong_cv_order=yes], [prong_cv_order=no])])
  $1=
  AS_VAR_IF([prong_cv_order], [yes],
    [$1='-Wl,-T,$(top_srcdir)/src/order.ld'])
  AC_SUBST([$1])
])

# PRONG_WITH_FOLDER(NAME, CONTENT, [FOLDER])
# An option for the folder that files go to which other programs read. Without
# the option they are not installed; "yes" asks systemd, or stands for FOLDER.
AC_DEFUN([PRONG_WITH_FOLDER], [
  AC_ARG_WITH([$1], [AS_HELP_STRING([--with-$1@<:@=DIR@:>@],
    [install $2 in DIR (]m4_default([$3], [where systemd looks])[)])],
    [], [with_$1=no])
  AS_CASE([$with_$1],
    [no], [$1=],
    [yes], [m4_ifval([$3], [$1=$3], [$1=`$PKG_CONFIG --variable=$1 systemd` &&
      test "x$$1" != x || AC_MSG_ERROR([m4_normalize([
        systemd.pc, which says where $2 go, is missing. Possible:
        --with-$1=DIR])])])],
    [/*], [$1=$with_$1],
    [AC_MSG_ERROR([--with-$1: found "$with_$1"; possible: an absolute path])])
  AC_SUBST([$1])
])
