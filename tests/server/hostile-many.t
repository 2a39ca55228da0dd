# Hostile handlers where connections make their rulesets themselves, as there are more
# than 128 rules: with every version of Landlock and as an ordinary user, too, none
# reaches more than its route permits.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong qw(folder write_file running_as_root);
use Prong::Hostile;

my $abi = Prong::Hostile::landlock_abi();
my $count = 140;
my $www = folder('many');
write_file("many/$_/file", "many $_\n") for 1 .. $count;
chmod 0777, map { "$www/$_" } 1 .. $count;

# By their own folders: a usual route, a fresh one, and one with a guardian.
my %own = ('/usual' => 1, '/fresh' => 2, '/forks' => 3);

sub start {
	my (%how) = @_;
	my $routes = join '', map { ", { path = \"/many/$_\"; static = { root "
	    . "= \"$www/$_\"; }; }" } 4 .. $count;
	$routes .= ", { path = \"$_->[0]\"; $_->[2] $_->[1] = { own = \"$www/"
	    . "$own{$_->[0]}\"; }; }" for ['/usual', 'hostile', ''],
	    ['/fresh', 'hostile', 'fresh = true;'],
	    ['/forks', 'hostile_free', ''];
	return Prong::Hostile->start(mode => 'on', handler => 'hostile',
	    words => {}, routes => $routes, %how);
}

# The folders that a handler asks for, in turn, and what the rules say.
sub try_route {
	my ($title, $world, $route) = @_;
	my $own = "$www/$own{$route}";
	my $deed = sub {
		my ($name, $with) = @_;
		my $sent = $world->send($name, with => $with, at => $route);
		my $outcome = $world->outcome($sent);
		$world->settle;
		return $outcome;
	};
	is($deed->('open', "$own/file"), 'opened', "$title: its own folder");
	for my $file ((map { "$www/$_/file" } grep { $_ != $own{$route} }
	    1 .. 4, $count), folder('own') . '/file', folder('other') . '/file',
	    $www, '/etc/passwd', '/proc/self/maps', $world->{config}) {
		is($deed->('open', $file), 'EACCES', "$title: not $file");
	}
	is($deed->('create', "$own/new"), 'EACCES', "$title: no file is made");
	is($deed->('create', "$www/4/new"), 'EACCES', 'nor elsewhere');
	is($deed->('make_ruleset', $_), 'ENOSYS', "$title: no ruleset, $_")
	    for 0, 1;
	is($deed->('open_below', ''), 'nothing',
	    "$title: no descriptor leads elsewhere");
	return;
}

# A connection that goes from route to route, and comes back.
sub try_rounds {
	my ($title, $world) = @_;
	my $client = $world->{daemon}->connect;
	my @got = map { $client->request('GET', $_)->{body} =~ s/\n//r }
	    map { ("/many/$_/file", "/usual?do=open&with=$www/$_/file",
		"/fresh?do=open&with=$www/$_/file",
		"/forks?do=open&with=$www/$_/file") } 4, $count;
	is("@got", join(' ', map { ("many $_", ('EACCES') x 3) } 4, $count),
	    "$title: after a handoff no earlier rules hold");
	$client->close;
	$world->settle;
	return;
}

sub try_world {
	my ($title, %how) = @_;
	my $world = start(%how);
	try_route("$title, $_", $world, $_) for sort keys %own;
	try_rounds($title, $world);
	is(join("\n", $world->noticed), '', "$title: others notice nothing");
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

SKIP: {
	skip 'this kernel has no Landlock', 1 if $abi == 0;
	try_world("ABI $abi");
	try_world("ABI $abi, an ordinary user's", user => 65534)
	    if running_as_root;
	for my $older (grep { $_ < $abi } 1, 3, 4, 5) {
		try_world("ABI $older", abi => $older);
	}
}
done_testing;
