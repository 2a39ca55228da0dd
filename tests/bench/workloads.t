# What the workloads and the servers of make bench say of each other, and the
# configurations that the templates become.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use lib ($ENV{PRONG_SRCDIR} || '.') . '/tests/bench';
use Bench;
use Bench::Measure;
use Bench::Peers;
use Bench::Table;
use Bench::Workloads;

$ENV{PRONG_SRCDIR} ||= '.';
$ENV{PRONG_PLUGINS} ||= 'plugins/.libs';

# No compiler is run, and no plugin is copied.
{
	no warnings 'redefine';
	*Bench::Build::apache_module = sub { return '/module.so' };
	*Bench::Build::fcgi_program = sub { return '/program' };
	*Bench::Peers::plugins = sub { return '/plugins' };
}

my @workloads = Bench::Workloads::select(Bench::Workloads::names());
my @peers = Bench::Peers::select(Bench::Peers::names());

sub repeated {
	my %seen;
	return [ grep { $seen{$_}++ } @_ ];
}

is_deeply(repeated(map { $_->{name} } @workloads), [],
    'each workload has a name of its own');
is_deeply(repeated(map { $_->{name} } @peers), [],
    'each server has a name of its own');

my %takes_part;
for my $peer (@peers) {
	push @{$takes_part{$_}}, $peer->{name} for @{$peer->{groups}};
}
for my $workload (@workloads) {
	is_deeply([ grep { /^(?:nginx|prong)\z/ }
	    @{$takes_part{$workload->{group}}} ], [ 'nginx', 'prong' ],
	    "$workload->{name}: prong is compared with the reference");
	like($workload->{text}, qr/\A[A-Z0-9].*\.\z/,
	    "$workload->{name}: a sentence says what is measured");
	ok(Bench::Measure->can($workload->{kind}),
	    "$workload->{name}: its kind can be measured");
	my ($titles) = Bench::Table::build({ %$workload, order => [],
	    servers => {} });
	cmp_ok(@$titles, '>', 1, "$workload->{name}: its kind has columns");
}
my %groups = map { $_->{group} => 1 } @workloads;
is_deeply([ grep { !$groups{$_} } sort keys %takes_part ], [],
    'each group of a server has a workload');
is_deeply([ map { $_->{name} } grep { !$_->{reload}
    && grep { $_ eq 'reload' } @{$_->{groups}} } @peers ], [],
    'each server that is to reload has a signal for it');

for my $peer (@peers) {
	for my $log (undef, "$Bench::folder/access.log") {
		my $config = Bench::Peers::configure($peer, {
		    folder => $Bench::folder, port => 4711, root => '/www1',
		    places => 1024, clients => 64, log => $log });
		my $text = Bench::read_file($config);
		my $title = $peer->{name} . ($log ? ' with a log' : '');
		like($text, qr/4711/, "$title: the port is in it");
		is_deeply([ $text =~ /(\@[A-Z_]+\@)/g ], [],
		    "$title: each place of the template has a value");
		is(scalar($text =~ /access\.log/), $log ? 1 : '',
		    "$title: it logs if it should, and else does not");
	}
}

done_testing;
