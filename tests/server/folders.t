# Folders that options of handlers name, and that become other ones while the
# server runs: the generation is replaced, and serves them.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Path qw(remove_tree);
use Test::More;

use Prong;
use Prong::Process;

my $base = folder('sites');

# After the change the next generation serves that content.
sub is_soon {
	my ($daemon, $change, $path, $content, $title) = @_;
	my $next = 1 + (() = $daemon->log =~ /generation \d+ is ready/g);
	$change->();
	$daemon->wait_log(qr/generation $next is ready/);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(eval { wait_until {
		my $answer = $daemon->get($path);
		$answer->{status} == 200 && $answer->{body} eq $content;
	} "$content at $path" }, $title)
	    or diag $daemon->get($path)->{status}, $daemon->log;
	return;
}

# A root that a build removes and makes again.
{
	write_file("$base/site/a.txt", 'old');
	my $daemon = start(config("{ path = \"/\"; static = { root = "
	    . "\"$base/site\"; }; }"));
	is($daemon->get('/a.txt')->{body}, 'old', 'the first root is served');
	remove_tree("$base/site");
	is($daemon->get('/a.txt')->{status}, 404, 'and removed');
	$daemon->wait_log(
	    qr{the folder \Q$base\E/site, which the option root names, is no longer});
	pass('the log says that it is no longer there');
	is_soon($daemon, sub { write_file("$base/site/a.txt", 'new') },
	    '/a.txt', 'new', 'one that was made again is served');
	$daemon->wait_log(
	    qr/\/site, which the option root names, is another one since the start: the /);
	$daemon->wait_log(
	    qr/generation 1 is replaced: a folder of its handlers is another/);
	pass('the log says why');

	# At once, by a rename; the old one is still there.
	write_file("$base/next/a.txt", 'next');
	is_soon($daemon, sub {
		rename "$base/site", "$base/before" or die "rename: $!";
		rename "$base/next", "$base/site" or die "rename: $!";
	}, '/a.txt', 'next', 'one that was renamed is served');
	my @starts = $daemon->log =~ /generation \d+ is ready/g;
	is(scalar @starts, 3, 'there were two replacements');
	is($daemon->stop, 0, 'the daemon ends well');
}

# A site without configuration.
{
	write_file("$base/plain/index.html", 'plain');
	my $daemon = start(undef, '-l', '127.0.0.1:0',
	    '-P', $ENV{PRONG_PLUGINS}, "$base/plain");
	is($daemon->get('/')->{body}, 'plain', 'prongd DIR serves');
	is_soon($daemon, sub {
		remove_tree("$base/plain");
		write_file("$base/plain/index.html", 'again');
	}, '/', 'again', 'prongd DIR follows its folder');
	is($daemon->stop, 0, 'the daemon ends well');
}

# A root that is a link to the release.
{
	write_file("$base/releases/$_/index.html", "release $_") for 1, 2;
	symlink 'releases/1', "$base/current" or die "symlink: $!";
	my $daemon = start(config("{ path = \"/\"; static = { root = "
	    . "\"$base/current\"; }; }"));
	is($daemon->get('/')->{body}, 'release 1', 'a root may be a link');
	symlink 'releases/2', "$base/current.new" or die "symlink: $!";
	is_soon($daemon, sub {
		rename "$base/current.new", "$base/current" or die "$!";
	}, '/', 'release 2', 'a link that changes is followed');
	is($daemon->stop, 0, 'the daemon ends well');
}

# The folder of a flag: made after the start, then made again.
{
	my $daemon = start(config("{ exact = \"/flag\"; flag = { file = "
	    . "\"$base/flags/flag\"; }; }"));
	isnt($daemon->get('/flag')->{status}, 200, 'there is no folder yet');
	my @told = $daemon->log =~ m{flag: its option file needs \Q$base\E/flags, which}g;
	is(scalar @told, 1, 'which a warning says, once');
	is_soon($daemon, sub { write_file("$base/flags/flag", 'up') },
	    '/flag', 'up', 'a folder that was made is read');
	$daemon->log_like(qr/flags, which the option file names, was made since the start/,
	    'which is said');
	is_soon($daemon, sub {
		remove_tree("$base/flags");
		write_file("$base/flags/flag", 'again');
	}, '/flag', 'again', 'and one that was made again');
	is($daemon->stop, 0, 'the daemon ends well');
}

# Without folders there is no helper; with one it ends with the generation.
{
	my $daemon = start(config('{ path = "/"; echo = { }; }'));
	my ($generation) = Prong::Process::children($daemon->pid);
	ok(!grep({ Prong::Process::title($_) =~ /folders/ }
	    Prong::Process::helpers($generation)), 'echo has no folders');
	is($daemon->stop, 0, 'the daemon ends well');
}
{
	my $daemon = start(config("{ path = \"/\"; static = { root = "
	    . "\"$base/site\"; }; }"));
	my ($generation) = Prong::Process::children($daemon->pid);
	my ($helper) = grep { Prong::Process::title($_) =~ /: folders\z/ }
	    Prong::Process::helpers($generation);
	ok($helper, 'a helper looks at folders');
	kill 'STOP', $helper;
	is($daemon->get('/a.txt')->{body}, 'next',
	    'the generation does not wait for it');
	is($daemon->stop, 0, 'nor at its end');
	ok(eval { wait_until { !Prong::Process::lives($helper) } 'its end' },
	    'it ends with the generation, whatever it does');
}

done_testing;
