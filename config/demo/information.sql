-- What the demonstration's information lines tell: a database as another system would have it.
CREATE TABLE product (
    number TEXT PRIMARY KEY,
    kind TEXT NOT NULL, -- broadband, mobile
    amount INTEGER NOT NULL, -- megabits per second, or gigabytes a month
    months INTEGER NOT NULL, -- that the contract runs
    price TEXT NOT NULL -- yuan a month
);
INSERT INTO product VALUES
    ('101', 'broadband', 500, 24, '129.00'),
    ('102', 'broadband', 1000, 24, '199.00'),
    ('201', 'mobile', 60, 12, '99.00'),
    ('202', 'mobile', 20, 12, '58.50');
CREATE TABLE flight (
    number TEXT PRIMARY KEY,
    state TEXT NOT NULL, -- on_time, delayed, cancelled
    leaves TEXT NOT NULL -- hours and minutes
);
INSERT INTO flight VALUES
    ('1305', 'on_time', '09:05'),
    ('3182', 'delayed', '17:40'),
    ('8899', 'cancelled', '20:15');
CREATE TABLE subscriber (
    account TEXT PRIMARY KEY,
    address TEXT NOT NULL -- of the line
);
INSERT INTO subscriber VALUES
    ('12345678', '深圳市南山区海德路 8 号 3 栋 502'),
    ('20260001', '北京市东城区建国门内大街 5 号');
