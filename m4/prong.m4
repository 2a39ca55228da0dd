# Flags that this compiler takes without complaint, gathered in a variable.
# -Werror makes clang refuse what it does not know.

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
