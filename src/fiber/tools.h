/*
 * What the address sanitizer and valgrind have to know about stacks. Each
 * function is empty in a build without them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_FIBER_TOOLS_H
#define PRONG_FIBER_TOOLS_H

#include <stddef.h>

#ifdef HAVE_VALGRIND_MEMCHECK_H
#include <valgrind/memcheck.h>
#endif

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define TOOLS_HAVE_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define TOOLS_HAVE_ADDRESS_SANITIZER 1
#endif

#ifdef TOOLS_HAVE_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif

/* The stack from that address on is mapped; the result is its number. What only
 * a fiber that is paused has is no leak. */
static inline unsigned
tools_note_stack(void *stack, size_t bytes)
{
#ifdef TOOLS_HAVE_ADDRESS_SANITIZER
	__lsan_register_root_region(stack, bytes);
	return 0;
#elif defined(HAVE_VALGRIND_MEMCHECK_H)
	return (unsigned)VALGRIND_STACK_REGISTER(stack,
	    (char *)stack + bytes - 1);
#else
	(void)stack;
	(void)bytes;
	return 0;
#endif
}

/* Before it is unmapped. */
static inline void
tools_forget_stack(void *stack, size_t bytes, unsigned number)
{
#ifdef TOOLS_HAVE_ADDRESS_SANITIZER
	__lsan_unregister_root_region(stack, bytes);
#elif defined(HAVE_VALGRIND_MEMCHECK_H)
	VALGRIND_STACK_DEREGISTER(number);
#endif
	(void)stack;
	(void)bytes;
	(void)number;
}

/* The frames of a fiber that has ended have never returned: their marks go. */
static inline void
tools_clean_stack(void *stack, size_t bytes)
{
#ifdef TOOLS_HAVE_ADDRESS_SANITIZER
	ASAN_UNPOISON_MEMORY_REGION(stack, bytes);
#elif defined(HAVE_VALGRIND_MEMCHECK_H)
	VALGRIND_MAKE_MEM_UNDEFINED(stack, bytes);
#else
	(void)stack;
	(void)bytes;
#endif
}

/* What a fiber has left on a stack may be read, although it has ended. */
static inline void
tools_show_stack(const void *stack, size_t bytes)
{
#ifdef HAVE_VALGRIND_MEMCHECK_H
	VALGRIND_MAKE_MEM_DEFINED(stack, bytes);
#else
	(void)stack;
	(void)bytes;
#endif
}

/* Before a switch to that stack. *frames keeps what the sanitizer has for this
 * one; NULL: this one is left for good. */
static inline void
tools_leave(void **frames, const void *stack, size_t bytes)
{
#ifdef TOOLS_HAVE_ADDRESS_SANITIZER
	__sanitizer_start_switch_fiber(frames, stack, bytes);
#else
	(void)frames;
	(void)stack;
	(void)bytes;
#endif
}

/* After a switch; frames are NULL on a stack that is new. Says which stack was
 * left; both may be NULL. */
static inline void
tools_arrive(void *frames, const void **stack, size_t *bytes)
{
#ifdef TOOLS_HAVE_ADDRESS_SANITIZER
	__sanitizer_finish_switch_fiber(frames, stack, bytes);
#else
	(void)frames;
	(void)stack;
	(void)bytes;
#endif
}

#endif
