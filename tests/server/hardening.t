# What the compiler and the linker can do against the use of a mistake: in
# prongd, in its plugins, and in a plugin that is built as prong.pc says.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;

my $build = $ENV{PRONG_BUILDDIR} || '.';

plan skip_all => 'the sanitizers are built in, which is for tests only'
    if Prong::is_sanitized();
plan skip_all => 'there is no readelf (binutils)'
    unless readelf('-h', $ENV{PRONGD}) =~ /ELF/;

sub output {
	my (@command) = @_;
	open my $null, '>', '/dev/null' or die "/dev/null: $!";
	open my $errors, '>&', \*STDERR or die "stderr: $!";
	open STDERR, '>&', $null;
	my $pid = open my $pipe, '-|', @command;
	my $text = $pid ? do { local $/; readline $pipe } : '';
	close $pipe if $pid;
	open STDERR, '>&', $errors;
	return defined $text ? $text : '';
}

sub readelf {
	my (@arguments) = @_;
	local $ENV{LC_ALL} = 'C';
	return output('readelf', '-W', @arguments);
}

# What configure found: "HARDEN_CFLAGS = ..."
my $makefile = read_file("$build/Makefile");
my %flags = $makefile =~ /^(HARDEN_\w+FLAGS) = *(.*)$/mg;

sub hardened {
	my ($file, $name, $calls_much) = @_;
	my $all = readelf('-h', '-l', '-d', '-n', $file);
	my $symbols = readelf('--dyn-syms', $file);
	like($all, qr/Type:\s+DYN/, "$name is position independent");
	like($all, qr/GNU_STACK\s.*\sRW\s/, "$name has a stack for data only");
	unlike($all, qr/LOAD\s.*\sRWE\s/, "$name has no segment that can be "
	    . 'written and executed');
	like($all, qr/GNU_RELRO/, "$name has relocations that become constant");
	like($all, qr/BIND_NOW|Flags:.*\bNOW\b/, "$name is bound when loaded, "
	    . 'so all of them do');
	unlike($all, qr/\((RPATH|RUNPATH|TEXTREL)\)/, "$name names no folder "
	    . 'of libraries, and its code is not written to');
	SKIP: {
		skip "$name: this compiler marks no jumps", 1
		    unless $flags{HARDEN_CFLAGS}
		    =~ /-fcf-protection|-mbranch-protection/
		    && $all =~ /feature/;
		like($all, qr/\b(IBT|BTI)\b/,
		    "$name marks where jumps may lead");
	}
	return unless $calls_much;
	SKIP: {
		skip "$name: this compiler has no stack protector", 1
		    unless $flags{HARDEN_CFLAGS} =~ /-fstack-protector/;
		like($symbols, qr/__stack_chk_fail/,
		    "$name protects its stack");
	}
	SKIP: {
		skip "$name: built without -O, or with fortification of the "
		    . "user's choice", 1 unless $flags{HARDEN_CPPFLAGS};
		like($symbols, qr/__\w+_chk\b/, "$name calls libc's checks");
	}
}

hardened($ENV{PRONGD}, 'prongd', 1);
for my $file (sort glob "$ENV{PRONG_PLUGINS}/*.so") {
	my ($name) = $file =~ m{([^/]+)\z};
	hardened($file, $name, $name =~ /static|flag/);
	my @exported = grep { !/\bUND\b/ && /\b(?:GLOBAL|WEAK)\b/ }
	    split /\n/, readelf('--dyn-syms', $file);
	is(scalar @exported, 1, "$name exports one symbol");
}

# As an author would build.
SKIP: {
	my ($cc) = $makefile =~ /^CC = *(.*)$/m;
	my $pc = read_file("$build/prong.pc");
	my ($cflags) = $pc =~ /^Cflags: -I\S+ ?(.*)$/m;
	my ($libs) = $pc =~ /^Libs: (.*)$/m;
	my $source = write_file('own.c', <<'C');
#include <prong/handler.h>
static int handle(struct prong_request *r, const void *config)
{
	char text[64];
	(void)config;
	strncpy(text, prong_path(r), sizeof(text) - 1);
	text[63] = '\0';
	return prong_print(r, text);
}
PRONG_HANDLER(.name = "own", .summary = "tells the path", .handle = handle);
C
	my $to = folder() . '/own.so';
	output(split(' ', $cc), '-fPIC', '-o', $to, $source,
	    split(' ', $cflags), "-I$ENV{PRONG_SRCDIR}/include",
	    split(' ', $libs));
	skip "$cc does not compile here", 1 unless -e $to;
	hardened($to, 'a plugin by prong.pc', 0);
	like(readelf('--dyn-syms', $to), qr/__stack_chk_fail/,
	    'a plugin by prong.pc protects its stack')
	    if $flags{HARDEN_CFLAGS} =~ /-fstack-protector/;
}

done_testing;
