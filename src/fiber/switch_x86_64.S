/*
 * The switch for x86-64. See switch.h.
 *
 * A stack that does not run ends with this frame, from its stack pointer on:
 *
 *	 0	the control and status register of SSE (mxcsr)
 *	 4	the control word of the x87
 *	 8	r15, r14, r13, r12, rbx, rbp
 *	56	the return address
 *
 * SPDX-License-Identifier: ISC
 */
#if defined(__x86_64__) && !defined(PRONG_PORTABLE_SWITCH)

	.text

	.globl	switch_points
	.hidden	switch_points
	.type	switch_points, @function
	.p2align 4
switch_points:
	.cfi_startproc
	endbr64
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)

	/* The other stack ends with the same frame, so what the lines above tell
	 * an unwinder holds for it, too. */
	movq	%rsp, (%rdi)
	movq	(%rsi), %rsp

	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbp
	ret
	.cfi_endproc
	.size	switch_points, . - switch_points

	/* The first switch to a stack returns to here. No frame is above. */
	.type	begin, @function
	.p2align 4
begin:
	.cfi_startproc
	.cfi_undefined rip
	xorl	%ebp, %ebp
	movq	%r13, %rdi
	call	*%r12
	ud2
	.cfi_endproc
	.size	begin, . - begin

	/* void switch_prepare(point, stack, bytes, run, argument) */
	.globl	switch_prepare
	.hidden	switch_prepare
	.type	switch_prepare, @function
	.p2align 4
switch_prepare:
	.cfi_startproc
	endbr64
	/* When the frame is used up, the stack is aligned as before a call. */
	leaq	-64(%rsi,%rdx), %rax
	stmxcsr	(%rax)
	fnstcw	4(%rax)
	xorl	%edx, %edx
	movq	%rdx, 8(%rax)
	movq	%rdx, 16(%rax)
	movq	%r8, 24(%rax)
	movq	%rcx, 32(%rax)
	movq	%rdx, 40(%rax)
	movq	%rdx, 48(%rax)
	leaq	begin(%rip), %rdx
	movq	%rdx, 56(%rax)
	movq	%rax, (%rdi)
	ret
	.cfi_endproc
	.size	switch_prepare, . - switch_prepare

	/* rdssp is no operation where there are no shadow stacks. */
	.globl	switch_is_possible
	.hidden	switch_is_possible
	.type	switch_is_possible, @function
	.p2align 4
switch_is_possible:
	.cfi_startproc
	endbr64
	xorl	%edx, %edx
	rdsspq	%rdx
	xorl	%eax, %eax
	testq	%rdx, %rdx
	sete	%al
	ret
	.cfi_endproc
	.size	switch_is_possible, . - switch_is_possible

	/* Each function above that is called by its address begins with endbr64
	 * (IBT). None returns to another address than it was called from while
	 * there are shadow stacks (SHSTK): the switch is not used then. */
	.section .note.gnu.property, "a", @note
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 3, 0

#endif
	.file "switch_x86_64.S"
	.section .note.GNU-stack, "", %progbits
