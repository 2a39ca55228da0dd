# A root that is not there: an error where somebody is there to mend it; else its
# routes alone answer 503, until it comes.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Path qw(remove_tree);
use JSON::PP qw(decode_json);
use Test::More;

use Prong;
use Prong::Process;

my $base = folder('sites');

sub sites {
	my ($head) = @_;
	return ($head || '') . "access_log = \"off\";\nsites = (\n"
	    . "{ hosts = \"there.example\"; routes = ( { path = \"/\"; static "
	    . "= { root = \"$base/there\"; }; } ); },\n"
	    . "{ hosts = \"missing.example\"; routes = ( { path = \"/docs\"; "
	    . "static = { root = \"$base/missing\"; }; },\n"
	    . '{ path = "/"; echo = { }; } ); } );';
}

sub get_from {
	my ($daemon, $host, $path) = @_;
	return $daemon->get($path, "Host: $host");
}

write_file("$base/there/a.txt", 'there');
my $config = config(sites());
my $no_root = qr/:\d+: static\.root: found "\Q$base\E\/missing".*No such file/;

{
	my $run = prongd('-t', '-c', $config);
	is($run->{status}, 1, 'a missing root is an error of -t');
	like($run->{errors}, qr{$no_root.*no answer at missing\.example/docs},
	    'which says where there would be no answer');
	$run = prongd('-c', config(sites('missing_root = "error"; ')),
	    '--control', 'off');
	is($run->{status}, 1, 'and of a start, with missing_root = "error"');
	like($run->{errors}, $no_root, 'which says so, too');
}

{
	my $daemon = start($config);
	$daemon->log_like(qr{warning: .*: static: there is no folder \Q$base\E/missing: .* 503}, 'a start warns');
	my @said = $daemon->log =~ /(missing\.example\/docs|cannot be opened)/g;
	is("@said", 'missing.example/docs', 'once, with the place');
	is(get_from($daemon, 'there.example', '/a.txt')->{body}, 'there',
	    'the other site is served');
	my $answer = get_from($daemon, 'missing.example', '/docs/a.txt');
	is($answer->{status}, 503, 'the route without root answers 503');
	is($answer->field('Retry-After'), 10, 'with a time');
	is(get_from($daemon, 'missing.example', '/a')->{status}, 200,
	    'other routes of the site are served');
	like($daemon->prong('status')->{output}, qr/^handlers +1 without/m,
	    'prong status shows it');
	is(decode_json($daemon->prong('--json', 'status')->{output})->{missing},
	    1, 'also for programs');
	my $run = $daemon->prong('reload');
	is($run->{status}, 1, 'a reload fails');
	like($run->{errors}, $no_root, 'and says why');
	is(get_from($daemon, 'there.example', '/a.txt')->{body}, 'there',
	    'the generation before serves on');

	my ($generation) = Prong::Process::children($daemon->pid);
	kill 'KILL', $generation;
	$daemon->wait_log(qr/generation 3 is ready/);
	is(get_from($daemon, 'missing.example', '/docs/')->{status}, 503,
	    'a generation that is replaced starts, too');

	write_file("$base/missing/a.txt", 'come');
	$daemon->wait_log(qr/generation 4 is ready/);
	wait_until { get_from($daemon, 'missing.example', '/docs/a.txt')
	    ->{body} eq 'come' } 'the root';
	pass('a root that comes is served');
	unlike($daemon->prong('status')->{output}, qr/^handlers/m,
	    'and prong status has no more of it');
	is($daemon->prong('reload')->{status}, 0, 'a reload is done again');
	is($daemon->stop, 0, 'the daemon ends well');
}

done_testing;
