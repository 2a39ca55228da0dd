# A daemon whose handler does what each request tells it: see
# tests/plugins/act.c. The steps of a request, divided by "|":
#
#	status N	field NAME: VALUE	field NAME (removes it)
#	add NAME: VALUE	etag TAG	weak TAG	modified SECONDS
#	length N	print TEXT	printf WIDTH	fill N	block N
#	file PATH OFFSET LENGTH		flush	results	log_results
#	read STEP	echo STEP (all of it)	take N (one read)
#	tell WHAT	note NAME=VALUE	log TEXT	sleep MS
#	truncate PATH	return N	decline
#
# SPDX-License-Identifier: ISC
package Prong::Act;
use strict;
use warnings;

use Exporter qw(import);
use File::Copy qw(copy);
use Test::More;

use Prong;

our @EXPORT = qw(act_config steps lines fields_ok);

# All plugins in one folder, those of the tests that are named among them.
sub plugin_folder {
	my @names = @_ ? @_ : 'act';
	my $own = $ENV{PRONG_TEST_PLUGINS} ||
	    "$ENV{PRONG_BUILDDIR}/tests/plugins/.libs";
	my @own = map { "$own/$_.so" } @names;
	for (@own) {
		plan skip_all => "there is no test plugin $_" unless -e $_;
	}
	my $to = folder('plugins');
	for my $from (@own, glob "$ENV{PRONG_PLUGINS}/*.so") {
		my ($name) = $from =~ m{([^/]+)\z};
		copy($from, "$to/$name") or die "$from: $!";
		chmod 0644, "$to/$name";
	}
	return $to;
}

# A configuration with /act, the chain /chain?a=...&b=..., /echo, and / for the
# folder www; before it, settings, and other routes.
sub act_config {
	my ($settings, $routes) = @_;
	my $www = folder('www');
	$routes = $routes ? "$routes," : '';
	# The handler opens whatever it is told to.
	$settings = "sandbox = \"off\";\n" . ($settings || '');
	return config('plugin_dir = "' . plugin_folder() . "\";\n" . <<"CONF");
$settings
sites = ( { routes = ( $routes
  { path = "/act"; act = { }; },
  { path = "/chain"; handlers = ( { act = { parameter = "a"; }; },
    { act = { parameter = "b"; }; } ); },
  { path = "/echo"; echo = { }; },
  { path = "/"; static = { root = "$www"; }; } ); } );
CONF
}

sub escape {
	my ($text) = @_;
	$text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

# steps('print a'): a target for /act; steps('print a', 'print b'): for /chain.
sub steps {
	my ($first, $second) = @_;
	return '/act?do=' . escape($first) unless defined $second;
	return '/chain?a=' . escape($first) . '&b=' . escape($second);
}

# What "fill" and "block" write.
sub lines {
	my ($octets) = @_;
	return substr join('', map { sprintf "%09d\n", $_ } 0 .. $octets / 10),
	    0, $octets;
}

# The fields of an answer: a text, a pattern, or undef for none.
sub fields_ok {
	my ($answer, $fields, $title) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @wrong;
	for my $name (sort keys %$fields) {
		my ($want, $got) = ($fields->{$name}, $answer->field($name));
		my $fits = !defined $want ? !defined $got : !defined $got ? 0
		    : ref $want ? $got =~ $want : $got eq $want;
		push @wrong, sprintf '%s is %s, not %s', $name,
		    $got // '(none)', $want // '(none)' unless $fits;
	}
	ok(!@wrong, $title) or diag join "\n", @wrong;
}

1;
