# layers.t finds each fault: a small tree that keeps the rules gets one fault at
# a time.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $script = "$ENV{PRONG_SRCDIR}/tests/house/layers.t";

sub write_file {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!";
	print $file $text or die "$path: $!";
	close $file or die "$path: $!";
	return;
}

# Files that keep every rule.
my %good = (
	'src/README.md'         => "`main`, `slice.c`, `http/uri.h`\n",
	'src/local.mk'          => "src_prongd_SOURCES = src/main.c\n",
	'src/main.c'            => "#include \"http/uri.h\"\n",
	'src/base/local.mk'     => "x += \\\n\tsrc/base/slice.c\n",
	'src/base/slice.c'      => "int\nslice(void)\n{\n\treturn 0;\n}\n",
	'src/http/local.mk'     => "x += src/http/uri.c src/http/uri.h\n",
	'src/http/uri.c'        => "#include <stdio.h>\n#include \"http/uri.h\"\n",
	'src/http/uri.h'        => "#include \"base/slice.h\"\n",
	'plugins/local.mk'      => "x += plugins/echo.la\n",
	'plugins/echo.c'        => "#include <prong/handler.h>\n",
);

# Runs layers.t over the tree with these files in addition or instead: its exit
# status and what it printed.
sub run_with {
	my (%changed) = @_;
	my %files = (%good, %changed);
	my $tree = tempdir('prong-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	make_path(map { "$tree/$_" } qw(src/base src/http plugins/flag));
	write_file("$tree/$_", $files{$_}) for keys %files;
	local $ENV{PRONG_SRCDIR} = $tree;
	open my $run, '-|', qq("$^X" -w "$script" 2>&1) or die "$script: $!";
	my $output = join '', <$run>;
	close $run;
	return ($?, $output);
}

sub finds {
	my ($title, $finding, %changed) = @_;
	my ($status, $output) = run_with(%changed);
	isnt($status, 0, "$title fails");
	like($output, qr/^# \Q$finding\E/m, 'and is reported by file and line')
	    or diag($output);
	return;
}

my ($status, $output) = run_with();
is($status, 0, 'a tree that keeps the rules passes') or diag($output);

finds('an include upward', 'src/http/uri.c:2: includes "master/listener.h"; '
    . 'http may include http, base',
    'src/http/uri.c' => "\n#include \"master/listener.h\"\n");
finds('an include without its folder',
    'src/http/uri.c:1: "uri.h" lacks its folder',
    'src/http/uri.c' => "#include \"uri.h\"\n");
finds('a plugin that includes the daemon',
    'plugins/echo.c:3: includes "base/slice.h"; echo may include echo, shared',
    'plugins/echo.c' => "\n\n  #  include \"base/slice.h\"\n");
finds('a plugin that includes another', 'plugins/flag/flag.c:1: includes '
    . '"static/types.h"; flag may include flag, shared',
    'plugins/local.mk' => "plugins/echo.la plugins/flag/flag.c\n",
    'plugins/flag/flag.c' => "#include \"static/types.h\"\n");
finds('a file that no local.mk has',
    'src/http/head.c:1: is not in src/http/local.mk',
    'src/http/head.c' => "\n", 'src/README.md' => '`main` `slice` `uri` `head`');
finds('a plugin that no local.mk has',
    'plugins/hello.c:1: is not in plugins/local.mk',
    'plugins/hello.c' => "\n");
finds('a module that the map lacks',
    'src/base/slice.c:1: src/README.md does not name `slice`',
    'src/README.md' => "`main` `uri` `slices` slice\n");
finds('a file that is too long', 'src/base/slice.c:451: has 451 lines; '
    . 'at most 450', 'src/base/slice.c' => "\n" x 451);
finds('a function that is too long', 'src/base/slice.c:4: slice has 51 lines; '
    . 'at most 50', 'src/base/slice.c' => "\nint\nslice(void)\n{\n"
    . "\tx();\n" x 49 . "}\n");

($status) = run_with('src/base/slice.c' => "\n" x 450);
is($status, 0, 'a file of 450 lines is not too long');
($status) = run_with('src/base/slice.c' =>
    "int\nslice(void)\n{\n" . "\tx();\n" x 48 . "}\n");
is($status, 0, 'nor is a function of 50');

done_testing;
