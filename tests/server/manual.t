# The configurations that the manual shows have no error: each is read as a
# reader pastes it, with folders of this test in the place of those of a machine.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Test::More;

use Prong;

my $top = folder('machine');

# The examples of a page: [ line, text ].
sub examples {
	my ($page) = @_;
	my ($n, @found) = 0;
	for (split /\n/, Prong::read_file($page)) {
		$n++;
		if (/^\.Bd -literal -offset indent$/) {
			push @found, [ $n + 1, '' ];
		} elsif (/^\./) {
			$found[-1][2] = 1 if @found;
		} elsif (@found && !$found[-1][2]) {
			$found[-1][1] .= s/\\&//gr =~ s/\\e/\\/gr . "\n";
		}
	}
	return @found;
}

# A path of the machine that the example is for, with what is there.
sub place {
	my ($option, $path) = @_;
	my $there = "$top$path";
	make_path($option eq 'file' ? dirname($there) : $there);
	return $there;
}

# As a whole configuration, whatever part of one it is.
sub whole {
	my ($text) = @_;
	return $text if $text =~ /^sites =/m;
	return "sites = ( { $text } );\n" if $text =~ /\Aroutes =/;
	return "sites = ( { routes = ( $text ); } );\n";
}

# The handler that README has, and a configuration for it.
{
	my ($example) = Prong::read_file("$ENV{PRONG_SRCDIR}/README.md")
	    =~ /^(    sites = \(.*?^    \).*?\n)/ms;
	my $plugins = folder('plugins');
	copy("$ENV{PRONG_BUILDDIR}/examples/handlers/.libs/hello.so",
	    "$plugins/hello.so") or die "copy: $!";
	chmod 0644, "$plugins/hello.so";
	my $run = prongd('-t', '-P', $plugins, '-p', 0, '-c',
	    write_file('readme.conf', $example));
	is($run->{status}, 0, 'README: no error') or diag($run->{errors});
}

# The configuration that is installed starts as it is, on a machine that has
# nothing but the folders of the system.
{
	my $text = Prong::read_file("$ENV{PRONG_SRCDIR}/examples/prongd.conf");
	$text =~ s{"((?:unix:)?)(/(?:run|srv|var)/)}{"$1$top$2}g;
	make_path("$top/run", "$top/var/log", "$top/var/lib");
	my $config = config($text);
	my $run = prongd('-t', '-l', '127.0.0.1:0', '-c', $config);
	like($run->{errors}, qr/root: found .*no answer at/,
	    'the example: -t has one error, as there is no site yet');
	is(() = $run->{errors} =~ /error:/g, 1, 'and no other')
	    or diag($run->{errors});
	my $daemon = start($config, '-l', '127.0.0.1:0');
	is($daemon->get('/status')->{status}, 200, 'it starts all the same');
	is($daemon->get('/')->{status}, 503, 'and waits for its site');
	wait_until { -s "$top/var/log/prong/access.log" } 'the access log';
	pass('its log is written');
	make_path("$top/var/www/html");
	$run = prongd('-t', '-c', $config, '-l', '127.0.0.1:0', '--control',
	    $daemon->control);
	is($run->{status}, 0, 'with a site, -t finds nothing')
	    or diag($run->{errors});
	is($daemon->stop, 0, 'the daemon ends well');
}

my $found = 0;
for my $page (glob "$ENV{PRONG_SRCDIR}/man/*.[0-9]") {
	for (grep { $_->[1] =~ /^\{|^\w+ = / } examples($page)) {
		my ($line, $text) = @$_;
		my $title = $page =~ s{.*/}{}r . ", line $line";
		$text =~ s{(\w+) = (\[ |)"(/(?:mnt|srv|var)/[^"]*)"}
		    {"$1 = $2\"" . place($1, $3) . '"'}ge;
		my $run = prongd('-t', '-c', config(whole($text)));
		is($run->{status}, 0, "$title: no error")
		    or diag($run->{errors});
		unlike($run->{errors}, qr/warning/, "$title: no warning");
		$found++;
	}
}
cmp_ok($found, '>=', 8, 'the manual has examples');

done_testing;
