# More routes with different rules than a generation holds rulesets for: each
# connection makes its own, and opens its root itself. Right files, no reach into
# other folders, and folders that change while the server runs.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(remove_tree);
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

# Static holds roots as long as there are 128 at most.
my $count = 300;
my ($link, $renamed, $removed, $plain, $other, $held) = (100 .. 105);

sub make_roots {
	my ($what) = @_;
	write_file("www/$_/a", "$what $_\n") for 1 .. $count;
	return;
}

make_roots('first');
my $www = folder('www');
my $base = $www =~ s{/www\z}{}r;
write_file("www/releases/$_/a", "release $_\n") for 1, 2;
remove_tree("$www/$link");
symlink "$www/releases/1", "$www/$link" or die "symlink: $!";
my $types = write_file('types', "text/plain txt\n");

sub static {
	my ($site) = @_;
	return "{ hosts = \"h$site.example\"; routes = ( { path = \"/\"; static "
	    . "= { root = \"$www/$site\"; mime_types = \"$types\"; }; } ); }";
}

sub attack {
	my ($path, $site, $more, $handler) = @_;
	return "{ path = \"$path\"; $more $handler = { own = \"$www/$site\"; }; }";
}

my $plugins = Prong::Hostile::plugin_folder();
copy("$ENV{PRONG_BUILDDIR}/tests/plugins/.libs/stray.so", $plugins)
    or die "stray.so: $!";
chmod 0644, "$plugins/stray.so";
my $routes = join ",\n", attack('/usual', $plain, '', 'hostile'),
    attack('/fresh', $other, 'fresh = true;', 'hostile'),
    attack('/forks', $plain, '', 'hostile_free'),
    "{ path = \"/held\"; stray = { folder = \"$www/$held\"; }; }";
my $config = config("plugin_dir = \"$plugins\"; access_log = \"off\";\n"
    . 'open_timeout = "60 s"; sites = ('
    . join(",\n", (map { static($_) } 1 .. $count),
	"{ routes = ( $routes ); }") . ");\n");
my $daemon = start($config);

sub content {
	my ($site) = @_;
	my $answer = $daemon->request('GET', '/a', [ "Host: h$site.example" ]);
	return "$answer->{status} " . ($answer->{status} == 200 ?
	    $answer->{body} =~ s/\n//r : $answer->field('Retry-After') // '');
}

# By a handler that holds a descriptor of its folder.
sub held {
	return $daemon->request('GET', '/held?do=read', [])->{body}
	    =~ s/\n//r;
}

sub attempt {
	my ($route, $deed, $with) = @_;
	return $daemon->request('GET', "$route?do=$deed&with=$with", [])
	    ->{body} =~ s/\n//r;
}

# Nobody looks at folders meanwhile, so the generation is not replaced.
sub unseen {
	my ($do) = @_;
	my @helpers = grep { Prong::Process::title($_) =~ /: folders\z/ }
	    map { Prong::Process::helpers($_) }
	    Prong::Process::children($daemon->pid);
	kill('STOP', @helpers) == @helpers && @helpers or die "helpers: $!";
	$do->();
	kill 'CONT', @helpers;
	return;
}

is(content($_), "200 first $_", "site $_ is served from its own root")
    for 1, 128, 129, $plain, $count;
is(held(), "first $held", 'so is a folder that its handler holds');
is(content($link), '200 release 1', 'a root may be a link');

my ($generation) = Prong::Process::children($daemon->pid);
SKIP: {
	my @open = glob "/proc/$generation/fd/*";
	skip 'only root sees the descriptors of a generation', 1 unless @open;
	cmp_ok(scalar @open, '<', $count, 'a generation holds fewer '
	    . 'descriptors than it has sites');
}

# What a handler reaches in a connection that has made its rules.
SKIP: {
	skip 'this kernel has no Landlock', 13
	    unless Prong::Hostile::landlock_abi();
	for (['/usual', $plain, $other], ['/fresh', $other, $plain],
	    ['/forks', $plain, $other]) {
		my ($route, $own, $foreign) = @$_;
		is(attempt($route, 'open', "$www/$own/a"), 'opened',
		    "$route: its own folder");
		is(attempt($route, 'open', "$www/$foreign/a"), 'EACCES',
		    "$route: no other");
		is(attempt($route, 'make_ruleset', 0), 'ENOSYS',
		    "$route: no ruleset of its own");
		is(attempt($route, 'make_ruleset', 1), 'ENOSYS',
		    "$route: no rule");
	}
	is(attempt('/usual', 'open_below', ''), 'nothing', 'no inherited '
	    . 'descriptor leads into another folder');
}

SKIP: {
	skip 'only root sees the descriptors of a connection', 3 unless $> == 0;
	for my $route (qw(/usual /fresh /forks)) {
		my $connection = $daemon->connect;
		$connection->request('GET', "$route?do=open_below&with=", []);
		my @rulesets = grep { (readlink || '') =~ /landlock/ }
		    map { glob "/proc/$_/fd/*" }
		    grep { $_ != $generation }
		    Prong::Process::tree($generation);
		is("@rulesets", '', "$route: no ruleset stays open");
	}
}

# One connection that goes from site to site.
{
	my $connection = $daemon->connect;
	my @got;
	for my $site (1, $count, $plain, 1) {
		$connection->send("GET /a HTTP/1.1\r\nHost: h$site.example\r\n"
		    . "\r\n");
		push @got, $connection->answer->{body};
	}
	is(join('', @got), join('', map { "first $_\n" } 1, $count, $plain,
	    1), 'a connection is handed off from one to the other');
}

# Folders that change before the helper has looked.
unseen(sub {
	symlink "$www/releases/2", "$www/new" or die "symlink: $!";
	rename "$www/new", "$www/$link" or die "rename: $!";
	is(content($link), '200 release 1', 'a link that changed: the release '
	    . 'of the start is served on');

	write_file("www/next$_/a", "next $_\n") for $held, $renamed;
	for ($held, $renamed) {
		rename "$www/$_", "$www/before$_" or die "rename: $!";
		rename "$www/next$_", "$www/$_" or die "rename: $!";
	}
	is(content($renamed), "200 next $renamed", 'a root that took the place '
	    . 'of another is served at once');
	is(held(), "first $held", 'in place of one that a handler holds, '
	    . 'which is served on');

	remove_tree("$www/$removed");
	is(content($removed), '404 ', 'a root that was removed');
	write_file("www/$removed/a", "again $removed\n");
	is(content($removed), "200 again $removed", 'and made again');
});
$daemon->wait_log(qr/generation 2 is ready/);
for ([$link, 'release 2'], [$renamed, "next $renamed"],
    [$removed, "again $removed"]) {
	my ($site, $content) = @$_;
	ok(eval { wait_until { content($site) eq "200 $content" } $content },
	    "the next generation serves $content") or diag content($site);
}

ok(eval { wait_until { held() eq "next $held" } 'next' }, 'what is held')
    or diag held();

# The folder around all of them: the first stage of the sandbox has a rule for the
# one of the start alone.
unseen(sub {
	rename $www, "$base/old" or die "rename: $!";
	make_roots('second');
	SKIP: {
		skip 'this kernel has no Landlock', 1
		    unless Prong::Hostile::landlock_abi();
		is(content($plain), '503 10', 'the folder of all roots was '
		    . 'replaced: later, please');
	}
	is(held(), "next $held", 'what is held is served on');
});
$daemon->wait_log(qr/generation 3 is ready/);
ok(eval { wait_until { content($plain) eq "200 second $plain" } 'second' },
    'soon it is served') or diag content($plain);

is($daemon->prong('reload')->{status}, 0, 'a reload');
is(content($_), "200 second $_", "site $_ is served after it")
    for 1, $link, $count;
is(held(), "second $held", 'and what is held');
is($daemon->stop, 0, 'the daemon ends well');

done_testing;
