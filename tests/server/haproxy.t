# Two servers behind HAProxy are taken out of service and replaced, one after
# the other, under load: no request fails. As prong-drain(7) says.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;
use Prong::Balancer;
use Prong::Hammer;
use Prong::Process;

plan skip_all => 'there is no haproxy' unless Prong::Balancer::program();

# The page shows the part of the example that matters.
{
	my $page = read_file("$ENV{PRONG_SRCDIR}/man/prong-drain.7");
	my $example = read_file("$ENV{PRONG_SRCDIR}/examples/haproxy.cfg");
	my ($shown) = $page =~ /^backend prong\n(.*?)^\.Ed/ms;
	my @lines = split /\n/, $shown;
	is_deeply([ grep { $example !~ /^\Q$_\E$/m } @lines ], [],
	    'prong-drain(7) shows what is tried here');
	cmp_ok(scalar @lines, '>', 5, 'all of it');
}

my %instance;

# A server's folder has its flag, its socket and its plugins.
sub add_instance {
	my ($name) = @_;
	my $folder = folder($name);
	my $plugins = folder("$name/plugins");
	for my $plugin (qw(echo flag status)) {
		File::Copy::copy("$ENV{PRONG_PLUGINS}/$plugin.so", $plugins)
		    or die "copy: $!";
	}
	$instance{$name} = { folder => $folder, plugins => $plugins };
	$instance{$name}{config} = config(<<"CONF");
plugin_dir = "$plugins";
listen = [ "unix:$folder/http" ];
access_log = "off";
stop_grace = "60 s";
sites = ( { routes = (
  { exact = "/health"; flag = { file = "$folder/state/flag"; rules = (
    { when = "up"; decline = true; }, { when = "drain"; status = 503; } ); };
    status = { }; },
  { path = "/build"; build = { }; }, { path = "/echo"; echo = { }; } ); } );
CONF
}

sub set_flag {
	my ($name, $says) = @_;
	write_file("$name/state/flag.new", "$says\n");
	rename folder("$name/state") . '/flag.new',
	    folder("$name/state") . '/flag' or die "rename: $!";
}

sub start_instance {
	my ($name, $build) = @_;
	Prong::Hammer::install_build($build, $instance{$name}{plugins});
	$instance{$name}{daemon} = start($instance{$name}{config});
}

for my $name (qw(a b)) {
	add_instance($name);
	set_flag($name, 'up');
	start_instance($name, 1);
}
my $balancer = Prong::Balancer->start(map { $_ => "$instance{$_}{folder}/http" }
    keys %instance);
# Fewer than usual, and quicker: the machine has three servers to bear.
my @clients = ((map { ('-c', $_) } qw(kept=8 new=8 large=4 download=4)),
    (map { ('-t', "$_=0.7") } qw(download upload chunked)),
    $balancer->address);
my $hammer = Prong::Hammer->start('-s', 300, @clients);
$hammer->wait_answers(1);

# Takes it out of service, and ends it.
my %take_out = (
	'by its flag' => sub {
		my ($name, $daemon) = @_;
		set_flag($name, 'drain');
		$balancer->wait_state($name, 'DOWN');
		return $daemon->stop;
	},
	'by prong drain' => sub {
		my ($name, $daemon) = @_;
		my $pid = fork // die "fork: $!";
		unless ($pid) {
			my $run = $daemon->prong('drain', '1 h');
			POSIX::_exit($run->{status});
		}
		$balancer->wait_state($name, 'DOWN');
		# It has noticed: no need to wait for the rest of the hour.
		my $status = $daemon->prong('drain', '0 s')->{status};
		waitpid $pid, 0;
		set_flag($name, 'drain');	# for what follows
		return $status || $? || $daemon->wait;
	},
);
my %way = (2 => 'by its flag', 3 => 'by prong drain');

for my $build (2, 3) {
	for my $name (qw(a b)) {
		my $daemon = $instance{$name}{daemon};
		is($take_out{$way{$build}}->($name, $daemon), 0,
		    "$name is taken out $way{$build}, and ends");
		unlike($daemon->log, qr/error|warning|stop_grace/,
		    'with nothing amiss in its log');
		start_instance($name, $build);
		is($balancer->state($name) =~ /DOWN/ ? 1 : 0, 1,
		    'it is not used as long as its flag says so');
		set_flag($name, 'up');
		$balancer->wait_state($name, 'UP');
		$hammer->wait_answers(1);
	}
}
my $totals = $hammer->stop;
is($totals->{failed}, 0, 'no request failed')
    or diag($totals->{text}, $balancer->log);
is_deeply([ sort keys %{$totals->{builds}} ], [ 1, 2, 3 ],
    'old and new servers answered');
note($totals->{text});

# That failures would have been seen.
{
	my $hammer = Prong::Hammer->start(@clients);
	$hammer->wait_answers(1);
	my $master = $instance{a}{daemon}->pid;
	my ($generation) = Prong::Process::children($master);
	# Its connections are of its process group.
	kill 'KILL', $master, -$generation;
	$hammer->wait_for(sub { $_[0]{failed} }, 'a failure');
	is($hammer->stop->{status}, 1,
	    'a server that is killed under load is noticed');
}

is($instance{b}{daemon}->stop, 0, 'the other server stops');
$balancer->stop;
done_testing;
