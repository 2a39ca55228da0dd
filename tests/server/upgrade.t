# Another release takes the master's place: the same process, sockets and
# generations, and no request lost; or it does not, and nothing changes.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use JSON::PP ();
use Test::More;

use Prong;
use Prong::Load;
use Prong::Process;

my $built = Prong::program();
my $prong = $built =~ s/prongd\z/prong/r;
my $program = folder('sbin') . '/prongd';
my $release = `$built -V` =~ /prongd (\S+)/ ? $1 : die "no release";
my $other = $release =~ s/\d\z/'9'/er;
die "the release is $release" if $other eq $release;

# Puts a program where the running one is from, as packages do: by renaming.
sub put {
	my ($content) = @_;
	open my $file, '>:raw', "$program.new" or die "$program.new: $!";
	print $file $content or die "$program.new: $!";
	close $file or die "$program.new: $!";
	chmod 0755, "$program.new";
	rename "$program.new", $program or die "$program: $!";
	return;
}

my $own = read_file($built);
my $later = $own =~ s/\Q$release\E(?=\0)/$other/gr;
isnt($later, $own, 'there is another release');
put($own);
copy($prong, folder('sbin') . '/prong') or die "prong: $!";
chmod 0755, folder('sbin') . '/prong';
$ENV{PRONGD} = $program;

my $file = write_file('www/a.txt', "a\n" x 100);
my $unix = folder() . '/socket';
my $config = config('access_log = "' . folder('log') . '/access.log"; '
    . "listen = [ \"127.0.0.1:0\", \"unix:$unix\" ];\n"
    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
    . folder('www') . '"; }; }, { path = "/echo"; echo = { }; } ); } );');
my $daemon = start($config);
my $pid = $daemon->pid;

sub status {
	return JSON::PP::decode_json(
	    $daemon->prong('--json', 'status')->{output});
}

sub generations {
	return Prong::Process::children($pid);
}

is(status()->{version}, $release, 'a release serves');

# One that takes over, under load.
{
	my ($before) = generations();
	my $title = Prong::Process::title($pid);
	my $idle = $daemon->connect;
	$idle->request('GET', '/a.txt');
	my $busy = $daemon->connect;
	$busy->send(Prong::request('POST', '/echo', [ 'Content-Length: 4',
	    'Expect: 100-continue' ]));
	wait_until { $busy->{got} =~ /100 Continue/ || ($busy->fill, 0)[1] }
	    '100 Continue';
	my $load = Prong::Load->start('-c', 4, '-s', 1.5, '-b', $file, '-p',
	    '/a.txt', $daemon->address);
	put($later);
	my $run = $daemon->prong('upgrade');
	is($run->{status}, 0, 'prong upgrade succeeds') or diag $daemon->log;
	like($run->{output}, qr/^prongd \Q$other\E has taken over$/m,
	    'and says who serves now');
	my $now = status();
	is($now->{version}, $other, 'another release serves');
	is($now->{pid}, $pid, 'in the same process');
	is(Prong::Process::title($pid), $title, 'with the same arguments');
	is($idle->request('GET', '/a.txt')->field('Connection'), 'close',
	    'an idle connection is answered and told to close');
	$busy->send('1234');
	is($busy->answer('POST')->{body}, '1234',
	    'a request in flight is answered');
	my $result = $load->finish;
	is($result->{errors} + $result->{connect} + $result->{status}
	    + $result->{mismatch}, 0, 'no request is lost')
	    or diag $result->{line};
	is(Prong::Client->new("unix:$unix")->request('GET', '/a.txt')
	    ->{status}, 200, 'every listener lives');
	wait_until { my @now = generations(); @now == 1
	    && $now[0] != $before } 'the end of the generation before';
	pass('the generation of the release before has drained');
}

# And back, twice in a row.
for my $again (1, 2) {
	put($again == 1 ? $own : $later);
	is($daemon->prong('upgrade')->{status}, 0, "upgrade $again more");
}
is(status()->{version}, $other, 'the last one serves');
is(status()->{pid}, $pid, 'in the same process still');

# What is no release, or finds something wrong.
my %wrong = (
	'nothing at all' => sub { unlink $program },
	'another program' => sub { put(read_file('/bin/false')) },
	'a script' => sub { put("#!/bin/sh\nexit 0\n") },
	'half a program' => sub { put(substr $own, 0, 5000) },
	'a program that may not be executed' => sub {
		put($own); chmod 0644, $program },
);
for my $title (sort keys %wrong) {
	wait_until { generations() == 1 } 'the end of those before';
	my @before = generations();
	$wrong{$title}->();
	my $run = $daemon->prong('upgrade');
	is($run->{status}, 1, "with $title the upgrade fails");
	like($run->{output}, qr/^the upgrade has failed: .*release \Q$other\E /m,
	    'and says who goes on');
	is(status()->{version}, $other, 'which is so');
	is_deeply([ generations() ], \@before, 'with the same generation');
	is($daemon->get('/a.txt')->{status}, 200, 'that serves');
}

{
	put($own);
	my $good = read_file($config);
	write_file($config, "nonsense");
	my $run = $daemon->prong('upgrade');
	is($run->{status}, 1, 'a configuration that is wrong fails it, too');
	like($run->{errors}, qr{^error: \Q$config\E:1: }m, 'and is told');
	is(status()->{version}, $other, 'the release stays');
	write_file($config, $good);
}

# What a resumed master does when its generation dies, and at the end.
{
	my ($generation) = generations();
	kill 'KILL', $generation;
	wait_until { my @now = generations();
	    @now == 1 && $now[0] != $generation } 'another generation';
	is(eval { wait_until { eval { $daemon->get('/a.txt')->{status} } } },
	    200, 'a resumed master replaces its generation');
	is_deeply([ Prong::Process::zombies($pid) ], [],
	    'and leaves no zombie');
	my @open = sort map { s/\d+//gr } values
	    %{{ Prong::Process::descriptors($pid) }};
	is(scalar(grep { /prong-state|prong-handover/ } @open), 0,
	    'no state is left open') or diag join "\n", @open;
	is($daemon->stop, 0, 'it stops');
	ok(!-e $unix && !-e $daemon->control, 'and removes its sockets');
}

done_testing;
