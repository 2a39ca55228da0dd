# configure refuses what prong cannot be built for, and says why and what is
# possible. What it has found out is put into its mouth by cache variables, so
# that no other compiler or C library is needed.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;

my $configure = abs_path("$ENV{PRONG_SRCDIR}/configure");

# A pkg-config that knows every library but check.
my $tools = tempdir('prong-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $pkg_config = "$tools/pkg-config";
open my $script, '>', $pkg_config or die "$pkg_config: $!";
print $script "#!/bin/sh\ncase \" \$* \" in *' check '*) exit 1 ;; esac\n";
close $script or die "$pkg_config: $!";
chmod 0755, $pkg_config or die "$pkg_config: $!";

sub run_configure {
	my (@arguments) = @_;
	my $folder = tempdir('prong-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $command = "cd '$folder' && exec '$configure' --quiet "
	    . join(' ', map { "'$_'" } @arguments);
	open my $run, '-|', "($command) 2>&1" or die "$configure: $!";
	my $output = join '', <$run>;
	close $run;
	return ($?, $output);
}

for (
	[ 'a machine of 32 bits', 'addresses than 64 bits: .* Possible: ',
	    'prong_cv_64_bits=no' ],
	[ 'another C library', 'a C library without execinfo\.h close_range '
	    . '__rlimit_resource_t\. Possible: glibc 2\.36',
	    'ac_cv_header_execinfo_h=no', 'ac_cv_func_close_range=no',
	    'ac_cv_type___rlimit_resource_t=no' ],
	[ 'a static program with sanitizers', 'found --disable-shared with '
	    . '--enable-sanitizers, .* Possible: ', '--disable-shared',
	    '--enable-sanitizers' ],
	[ 'a static program without archives', 'no archives of libconfig, .* '
	    . 'Possible: ', '--disable-shared', 'prong_cv_static=no' ],
	[ 'unit tests without the library check', 'check 0\.15 or later is '
	    . 'missing\. Possible: .*--disable-unit-tests',
	    "PKG_CONFIG=$pkg_config" ],
) {
	my ($title, $message, @arguments) = @$_;
	my ($status, $output) = run_configure(@arguments);
	isnt($status, 0, "$title is refused");
	like($output, qr/^configure: error: .*$message/m, 'with the reason')
	    or diag($output);
}

done_testing;
