# Clients who forgive nothing, while configuration, handlers and the program
# itself are replaced under them, and while replacements fail. A few of each;
# PRONG_SOAK=1 does it 200 times, which takes some minutes. With PRONG_POOLS=1 (and
# PRONG_WORKERS) the processes of the handler are used again.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Hammer;
use Prong::Process;

my $soak = $ENV{PRONG_SOAK};
my ($reloads, $replacements, $upgrades, $faults) = $soak ? (200, 20, 5, 3)
    : (10, 2, 1, 1);

my $plugins = folder('plugins');
my $built = ($ENV{PRONG_BUILDDIR} || '.') . '/tests/plugins/.libs';

sub install {
	my ($from) = @_;
	my ($name) = $from =~ m{([^/]+)\z};
	copy($from, "$plugins/.$name") or die "$from: $!";
	chmod 0644, "$plugins/.$name";
	rename "$plugins/.$name", "$plugins/$name" or die "$name: $!";
	return;
}

install("$ENV{PRONG_PLUGINS}/$_.so") for qw(echo static);
install("$built/$_.so") for qw(badmajor crashopen endless);

# The program, and one that differs from it in its release alone.
my $program = folder('sbin') . '/prongd';
my $release = `$ENV{PRONGD} -V` =~ /prongd (\S+)/ ? $1 : die "no release";
my $other = $release =~ s/\d\z/'9'/er;
my %content = ($release => read_file($ENV{PRONGD}));
$content{$other} = $content{$release} =~ s/\Q$release\E(?=\0)/$other/gr;
copy($ENV{PRONGD} =~ s/prongd\z/prong/r, folder('sbin') . '/prong')
    or die "prong: $!";
chmod 0755, folder('sbin') . '/prong';

sub put_program {
	my ($which) = @_;
	write_file('sbin/new', $content{$which});
	chmod 0755, folder('sbin') . '/new';
	rename folder('sbin') . '/new', $program or die "$program: $!";
	return;
}

put_program($release);
$ENV{PRONGD} = $program;

my $config;

my $pool = $ENV{PRONG_POOLS} ? 'processes = { max = 16; requests = 50; '
    . 'queue = 500; queue_timeout = "30 s"; };' : '';

sub configure {
	my (%with) = @_;
	my $route = $with{route} || '';
	my $workers = Prong::workers_setting();
	$config = write_file('conf/prongd.conf', <<"END");
plugin_dir = "$plugins"; $workers
listen = [ "127.0.0.1:0" ];
access_log = "off";
max_connections_per_client = 0;
open_timeout = "5 s";
drain_timeout = "5 min";
idle_timeout = "5 min";
sites = ( { routes = ( $route
  { path = "/build"; $pool build = { }; }, { path = "/echo"; echo = { }; } );
  fields = [ "X-Reload: @{[ $with{number} || 0 ]}" ]; } );
END
	return $config;
}

Prong::Hammer::install_build(1, $plugins);
my $daemon = start(configure());
my $master = $daemon->pid;

sub prong {
	return $daemon->prong(@_);
}

sub memory {
	return Prong::read_file("/proc/$master/status") =~ /^VmRSS:\s+(\d+)/m
	    ? $1 : 0;
}

sub descriptors {
	my %open = Prong::Process::descriptors($master);
	return scalar keys %open;
}

# Both are what they are after a few reloads. An upgrade, be it to the same
# program, rids it of descriptors that whoever started it left open.
prong($_) for qw(upgrade reload reload);
wait_until { Prong::Process::children($master) == 1 } 'one generation';
my ($memory, $open) = (memory(), descriptors());

my $hammer = Prong::Hammer->start('-s', $soak ? 3000 : 300,
    $daemon->address);
$hammer->wait_answers(1);

# Another build, by renaming or by writing over the file that is mapped.
my $build = 1;

sub replace_build {
	my ($in_place) = @_;
	$build = $build % 5 + 1;
	if ($in_place) {
		copy("$built/build$build.so", "$plugins/build.so")
		    or die "build$build: $!";
	} else {
		Prong::Hammer::install_build($build, $plugins);
	}
	return;
}

my %fault = (
	'a syntax error' => [ sub { write_file('conf/prongd.conf',
	    "listen = [\n") }, qr/^error: \S+prongd\.conf:\d+: /m ],
	'a missing file' => [ sub { unlink $config },
	    qr/^error: \S+prongd\.conf: cannot be opened/m ],
	map { my ($name, $says) = @$_;
	    ("the plugin $name" => [ sub { configure(route =>
		"{ path = \"/bad\"; $name = { }; },") },
	    qr/^error: \S+prongd\.conf:\d+: $says/m ]) }
	    [ badmajor => qr/badmajor: / ],
	    [ crashopen => qr/crashopen: crashed/ ],
	    [ endless => qr/endless: took more than 5 s/ ],
);

sub try_faults {
	for my $title (sort keys %fault) {
		my ($break, $says) = @{$fault{$title}};
		$break->();
		my $run = prong('reload');
		ok($run->{status} == 1 && $run->{errors} =~ $says,
		    "with $title the reload fails and says why")
		    or diag $run->{errors};
		configure();
	}
	return;
}

my $running = $release;

sub upgrade {
	$running = $running eq $release ? $other : $release;
	put_program($running);
	my $run = prong('upgrade');
	is($run->{status}, 0, "an upgrade to $running")
	    or diag $run->{output}, $run->{errors};
	return;
}

my $failed = 0;
my $slowest = 0;
for my $number (1 .. $reloads) {
	my $new_build = $number % ($reloads / $replacements) == 0;
	replace_build($number / ($reloads / $replacements) % 2)
	    if $new_build;
	configure(number => $number);
	my $begun = time;
	my $run = prong('reload');
	my $took = time - $begun;
	$slowest = $took if $took > $slowest;
	$failed++ unless $run->{status} == 0;
	diag $run->{errors} if $run->{status};
	my $answer = $daemon->get('/build?kib=1');
	$failed++ unless $answer->field('X-Reload') == $number
	    && $answer->field('X-Build') == $build;
	upgrade() if $number % ($reloads / $upgrades) == 0;
	try_faults() if $number % int($reloads / $faults) == 0;
	last if $hammer->totals->{failed};
}
is($failed, 0, "$reloads reloads, each answering with what is new");
$hammer->wait_answers(1);
my $totals = $hammer->stop;
is($totals->{failed}, 0, 'no request failed, was reset or cut')
    or diag $totals->{text};
is($totals->{kinds}{idle}{closed_idle}, 0,
    'no idle connection was closed unasked');
cmp_ok(scalar keys %{$totals->{builds}}, '>=', $replacements > 4 ? 5 : 3,
    'every build has answered, each answer by one of them');
note($totals->{text}, sprintf 'slowest reload: %.3f s', $slowest);

wait_until { Prong::Process::children($master) == 1 }
    'the end of all generations but one';
pass('one generation is left');
is_deeply([ Prong::Process::lasting_zombies($master) ], [], 'and no zombie');
# Those of a generation are closed when the master has noticed its end.
eval { wait_until { descriptors() <= $open } };
cmp_ok(descriptors(), '<=', $open,
    'the master has no more descriptors than before');
SKIP: {
	skip 'the sanitizers keep what was freed', 1 if Prong::is_sanitized();
	cmp_ok(memory(), '<', $memory + 512,
	    "and as much memory: $memory kB before")
	    or diag memory();
}
my $status = JSON::PP::decode_json(prong('--json', 'status')->{output});
is($status->{version}, $running, 'the last release serves');
is($status->{pid}, $master, 'in the process that was started');
is($daemon->stop, 0, 'the daemon stops');

done_testing;
