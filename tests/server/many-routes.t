# More than a thousand routes: what the check accepts is served, also with few
# descriptors, and what cannot be served is refused in one line. Many folders: each
# route reaches its own alone.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use Test::More;

use Prong;
use Prong::Hostile;
use Prong::Process;

my $count = 1100;
my ($hard) = `bash -c 'ulimit -Hn'` =~ /(\d+)/;
plan skip_all => 'the hard limit of open files is low'
    if $hard && $hard < 3 * $count;

# The last one is a link to a folder elsewhere.
write_file("www/$_/a", "$_\n") for 1 .. $count - 1;
write_file('elsewhere/a', "$count\n");
my $www = folder('www');
symlink folder('elsewhere'), "$www/$count" or die "symlink: $!";
# An empty table of types: a thousand large ones are not the subject.
my $types = write_file('types', "text/plain txt\n");

sub sites {
	my ($count, $root) = @_;
	return 'access_log = "off"; open_timeout = "60 s"; sites = ('
	    . join(",\n", map { my $folder = $root->($_);
	    "{ hosts = \"h$_.example\"; routes = ( { path = \"/\"; static = { "
	    . "root = \"$folder\"; mime_types = \"$types\"; }; } ); }" }
	    1 .. $count) . ");\n";
}

sub own {
	return "$www/" . shift;
}

sub common {
	return "$www/1";
}

my $config = config(sites(1, \&own));
my $daemon = start($config);

sub rewrite {
	my ($root) = @_;
	write_file($config, read_file($config) =~ s/^access_log.*//msr
	    . sites($count, $root));
}

rewrite(\&own);
is(prongd('-t', '-c', $config)->{status}, 0, "$count routes are accepted");
is($daemon->prong('reload')->{status}, 0, 'by a reload, too');
for my $i (1, 1000, 1023, 1024, $count) {
	my $answer = $daemon->request('GET', '/a', [ "Host: h$i.example" ]);
	is("$answer->{status} $answer->{body}", "200 $i\n",
	    "route $i is served from its own folder");
}
# Kilobytes for which a fork copies entries of page tables: those present in the
# memory that was allocated during the start.
sub copied_kb {
	my ($pid) = @_;
	my $sum = 0;
	for (split /^(?=[0-9a-f]+-[0-9a-f]+ )/m,
	    Prong::Process::slurp("/proc/$pid/smaps") || '') {
		my ($flags) = /^VmFlags:(.*)/m;
		$sum += $1 if / rw-p .*(?:memfd:prong-heap|\[heap\]| 0 *$)/m
		    && $flags !~ / dc / && /^Rss: +(\d+) kB/m;
	}
	return $sum;
}

SKIP: {
	skip 'the sanitizer has a heap of its own', 2 if Prong::is_sanitized();
	my @generations = Prong::Process::children($daemon->pid);
	my $maps = join '', map { Prong::Process::slurp("/proc/$_/maps") || '' }
	    @generations;
	skip 'only root sees the memory of a generation', 2 unless $maps;
	like($maps, qr{ rw-p .* /memfd:prong-heap }, 'no fork copies the page '
	    . 'tables of the heap of the start');
	my ($most) = sort { $b <=> $a } map { copied_kb($_) } @generations;
	cmp_ok($most, '<', 900, 'and the generation touches little of it '
	    . 'before the first fork');
}
is($daemon->stop, 0, 'the daemon ends');

my $few = write_file('few/prongd',
    "#!/bin/bash\nulimit -n 1024\nexec '$ENV{PRONGD}' \"\$@\"\n");
chmod 0755, $few;
{
	local $ENV{PRONGD} = $few;
	my $run = prongd('-t', '-c', $config);
	is($run->{status}, 0, 'a hard limit of 1024 open files: accepted, as '
	    . 'a root takes none') or diag $run->{errors};
	my $limited = start($config);
	is($limited->request('GET', '/a', [ "Host: h$count.example" ])->{body},
	    "$count\n", 'and served');
	is($limited->stop, 0, 'the daemon ends');
	rewrite(\&common);
	$run = prongd('-t', '-c', $config);
	is($run->{status}, 0, 'routes with a common folder')
	    or diag $run->{errors};

	# Handlers that hold a descriptor each.
	my $plugins = folder('plugins');
	copy("$ENV{PRONG_BUILDDIR}/tests/plugins/.libs/stray.so", $plugins)
	    or die "stray.so: $!";
	chmod 0644, "$plugins/stray.so";
	$run = prongd('-t', '-c', config("plugin_dir = \"$plugins\";\nsites = "
	    . '( { routes = ( ' . join(', ', map { "{ path = \"/$_\"; stray = "
	    . '{ leaves = "descriptor"; }; }' } 1 .. $count) . ' ); } );'));
	is($run->{status}, 1, 'handlers that hold more are refused');
	my @lines = grep { / error: / } split /\n/, $run->{errors};
	is(scalar @lines, 1, 'in one line') or diag $run->{errors};
	like($lines[0], qr/\.conf:\d+: stray: .*1024 open files; possible: /,
	    'which names the place and the limit');
}

# More folders than the first stage of the sandbox has rules for.
SKIP: {
	skip 'this kernel has no Landlock', 1
	    unless Prong::Hostile::landlock_abi();
	my @own = (1, 2, 70, $count);
	my $routes = join ",\n", map { "{ path = \"/r$_\"; hostile = { own = "
	    . "\"$www/$_\"; }; }" } 1 .. 80, $count;
	my $plugins = Prong::Hostile::plugin_folder();
	my $attacked = start(config("plugin_dir = \"$plugins\";\n"
	    . "sites = ( { routes = ( $routes ); } );\n"));
	my %got;
	for my $route (@own) {
		for my $path (@own) {
			my $answer = $attacked->request('GET',
			    "/r$route?do=open&with=$www/$path/a", []);
			$got{"$route opens $path"} = $answer->{body};
		}
	}
	my %wanted = map { my $route = $_; map { ("$route opens $_" =>
	    $route == $_ ? "opened\n" : "EACCES\n") } @own } @own;
	is_deeply(\%got, \%wanted, 'with many folders, too, each route reaches '
	    . 'its own folder alone') or diag explain \%got;
	$attacked->stop;
}

done_testing;
