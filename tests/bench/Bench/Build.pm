# What the benchmark compiles for its peers, once, if their headers are there: a
# module of Apache and a FastCGI program.
#
# SPDX-License-Identifier: ISC
package Bench::Build;
use strict;
use warnings;

use File::Copy ();

use Bench;

my $sources = ($ENV{PRONG_SRCDIR} || '.') . '/tests/bench/peers';
my $compiler = $ENV{CC} || 'cc';
my %made;	# path, or '' where it cannot be made

# Runs a command in the temporary folder; what it says is seen if it fails.
sub runs {
	my (@command) = @_;
	my ($pid, $log) = Bench::spawn('build', @command);
	waitpid $pid, 0;
	my $status = $?;
	Bench::forget($pid);
	print STDERR Bench::read_file($log) if $status;
	return $status == 0;
}

sub once {
	my ($name, $make) = @_;
	$made{$name} = $make->() || '' unless defined $made{$name};
	return $made{$name};
}

# The path of the module, or ''. apxs puts what it makes beside the source.
sub apache_module {
	return once('module', sub {
		my $apxs = Bench::find_program('apxs') or return;
		File::Copy::copy("$sources/mod_prong_bench.c", $Bench::folder)
		    or return;
		runs($apxs, '-c', "$Bench::folder/mod_prong_bench.c") or return;
		return "$Bench::folder/.libs/mod_prong_bench.so";
	});
}

# The path of the FastCGI program, or ''.
sub fcgi_program {
	return once('fcgi', sub {
		return unless -e '/usr/include/fcgiapp.h';
		my $program = "$Bench::folder/fcgi_bench";
		runs($compiler, '-O2', '-o', $program,
		    "$sources/fcgi_bench.c", '-lfcgi') or return;
		return $program;
	});
}

1;
