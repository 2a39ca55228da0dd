/*
 * The switch for aarch64. See switch.h.
 *
 * A stack that does not run ends with this frame, from its stack pointer on:
 *
 *	  0	x29 and x30, the frame and the return address
 *	 16	x19 to x28
 *	 96	d8 to d15
 *	160	how floating point rounds and traps (fpcr)
 *
 * The return address is signed with the stack pointer that the caller had, where
 * the processor can (PAC); bti and the like are no operations elsewhere.
 *
 * SPDX-License-Identifier: ISC
 */
#if defined(__aarch64__) && !defined(PRONG_PORTABLE_SWITCH)

#define FRAME 176

	.text

	.globl	switch_points
	.hidden	switch_points
	.type	switch_points, %function
	.p2align 4
switch_points:
	.cfi_startproc
	hint	#25			/* paciasp, which is a bti c, too */
	.cfi_negate_ra_state
	stp	x29, x30, [sp, #-FRAME]!
	.cfi_def_cfa_offset FRAME
	.cfi_offset x29, -FRAME
	.cfi_offset x30, -FRAME + 8
	mrs	x9, fpcr
	stp	x19, x20, [sp, #16]
	.cfi_offset x19, -FRAME + 16
	.cfi_offset x20, -FRAME + 24
	stp	x21, x22, [sp, #32]
	.cfi_offset x21, -FRAME + 32
	.cfi_offset x22, -FRAME + 40
	stp	x23, x24, [sp, #48]
	.cfi_offset x23, -FRAME + 48
	.cfi_offset x24, -FRAME + 56
	stp	x25, x26, [sp, #64]
	.cfi_offset x25, -FRAME + 64
	.cfi_offset x26, -FRAME + 72
	stp	x27, x28, [sp, #80]
	.cfi_offset x27, -FRAME + 80
	.cfi_offset x28, -FRAME + 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	str	x9, [sp, #160]

	/* The other stack ends with the same frame, so what the lines above tell
	 * an unwinder holds for it, too. */
	mov	x10, sp
	str	x10, [x0]
	ldr	x10, [x1]
	mov	sp, x10

	ldr	x9, [sp, #160]
	ldp	d14, d15, [sp, #144]
	ldp	d12, d13, [sp, #128]
	ldp	d10, d11, [sp, #112]
	ldp	d8, d9, [sp, #96]
	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	msr	fpcr, x9
	ldp	x29, x30, [sp], #FRAME
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	.cfi_restore x19
	.cfi_restore x20
	.cfi_restore x21
	.cfi_restore x22
	.cfi_restore x23
	.cfi_restore x24
	.cfi_restore x25
	.cfi_restore x26
	.cfi_restore x27
	.cfi_restore x28
	hint	#29			/* autiasp */
	.cfi_negate_ra_state
	ret
	.cfi_endproc
	.size	switch_points, . - switch_points

	/* The first switch to a stack returns to here. No frame is above. */
	.type	begin, %function
	.p2align 4
begin:
	.cfi_startproc
	.cfi_undefined x30
	mov	x29, #0
	mov	x30, #0
	mov	x0, x20
	blr	x19
	brk	#1
	.cfi_endproc
	.size	begin, . - begin

	/* void switch_prepare(point, stack, bytes, run, argument) */
	.globl	switch_prepare
	.hidden	switch_prepare
	.type	switch_prepare, %function
	.p2align 4
switch_prepare:
	.cfi_startproc
	hint	#34			/* bti c */
	add	x16, x1, x2		/* the stack pointer of begin */
	adrp	x17, begin
	add	x17, x17, :lo12:begin
	hint	#8			/* pacia1716 */
	sub	x10, x16, #FRAME
	mrs	x9, fpcr
	stp	xzr, x17, [x10]
	stp	x3, x4, [x10, #16]
	stp	xzr, xzr, [x10, #32]
	stp	xzr, xzr, [x10, #48]
	stp	xzr, xzr, [x10, #64]
	stp	xzr, xzr, [x10, #80]
	stp	xzr, xzr, [x10, #96]
	stp	xzr, xzr, [x10, #112]
	stp	xzr, xzr, [x10, #128]
	stp	xzr, xzr, [x10, #144]
	str	x9, [x10, #160]
	str	x10, [x0]
	ret
	.cfi_endproc
	.size	switch_prepare, . - switch_prepare

	/* chkfeat clears the bit of x16 for a guarded control stack that is on, and
	 * is no operation where there is none. */
	.globl	switch_is_possible
	.hidden	switch_is_possible
	.type	switch_is_possible, %function
	.p2align 4
switch_is_possible:
	.cfi_startproc
	hint	#34			/* bti c */
	mov	x16, #1
	hint	#40			/* chkfeat x16 */
	mov	x0, x16
	ret
	.cfi_endproc
	.size	switch_is_possible, . - switch_is_possible

	/* BTI and PAC. */
	.section .note.gnu.property, "a", %note
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000000, 4, 3, 0

#endif
	.file "switch_aarch64.S"
	.section .note.GNU-stack, "", %progbits
